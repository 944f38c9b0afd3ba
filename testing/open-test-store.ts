/**
 * Opens a store in a test's folder, as the server does, and closes it when the test ends. A test may close it earlier
 * and open the same folder again.
 */
import type { ChatEvent, User } from "../server/store/contract.ts";
import type { Patience } from "../server/store/journal/journal-files.ts";
import { type FileStore, openStore } from "../server/store/open-store.ts";
import { makeAuthToken } from "../server/store/users/auth-token.ts";
import { atEnd, type Ending } from "./at-end.ts";

export interface TestStore extends FileStore {
  /** The sentences that the store reported. */
  reports: string[];
  /** The events that the store sent. */
  events: ChatEvent[];
}

export async function openTestStore(
  test: Ending,
  root: string,
  options: {
    maxFileBytes?: number;
    recentBytes?: number;
    patience?: Patience;
    recentEvents?: number;
    isClass?: boolean;
    now?: () => number;
  } = {},
): Promise<TestStore> {
  const reports: string[] = [];
  const events: ChatEvent[] = [];
  const store = await openStore({
    root,
    isClass: options.isClass,
    now: options.now ?? Date.now,
    report: (level, sentence) => reports.push(`${level}: ${sentence}`),
    onEvent: (event) => events.push(event),
    onTokenEnd: () => {},
    onFatal(error) {
      throw error;
    },
    maxFileBytes: options.maxFileBytes ?? 64 * 1024 * 1024,
    recentBytes: options.recentBytes,
    // Tests write a file at once, and nobody else reads it.
    patience: options.patience ?? { reading: 10, writing: 50 },
    ...(options.recentEvents !== undefined && { recentEvents: options.recentEvents }),
  });
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await store.close();
  };
  atEnd(test, close);
  return { ...store, close, reports, events };
}

/** Registers a user in the same way as the operation. */
export async function addUser({ users }: FileStore, userHandle: string): Promise<User> {
  const userId = await users.nextId();
  await users.createTokenFile(userId, makeAuthToken(), userHandle);
  if (!(await users.createHandleFile(users.hashHandle(userHandle), userId))) throw new Error("The handle is taken");
  const user = users.openTokenFile(userId);
  if (typeof user === "string") throw new Error(`The user is ${user}`);
  return user;
}

/** Publishes a message. @returns its id. */
export async function publish(store: FileStore, from: User, to: User, message: string, key?: string): Promise<number> {
  const published = await store.messages.publish({
    from,
    toId: to.userId,
    toHandle: to.userHandle,
    message,
    idempotencyKey: key,
  });
  if (typeof published === "string") throw new Error(published);
  return published.messageId;
}

export interface SeenMessage {
  messageId: number;
  fromHandle: string;
  message: string;
}

/** Reads all messages in a user's box, page by page. */
export async function readBox(
  store: FileStore,
  user: User,
  box: "received" | "sent" | "both" = "received",
): Promise<SeenMessage[]> {
  const seen: SeenMessage[] = [];
  for (;;) {
    const after = seen.at(-1)?.messageId ?? 0;
    const query = { userId: user.userId, box, otherId: undefined, after, before: undefined, limit: 200 };
    const page: SeenMessage[] = JSON.parse(String(await (await store.messages.page(query)).json));
    if (page.length === 0) return seen;
    seen.push(...page);
  }
}
