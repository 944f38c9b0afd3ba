/**
 * Everything that a store answers about a small data folder, and how that differs from the right answers.
 */
import type { FileStore } from "../../server/store/open-store.ts";
import { hashHandle } from "../../server/store/users/handle-hash.ts";

export interface Answers {
  /** By handle: the id that its file leads to, or why it leads to none. */
  owners: Map<string, string>;
  /** By id: the handle in the list of users, and the token. */
  users: Map<number, string>;
  tokens: Map<number, string>;
  /** By id: each message in all queues, as the API shows it. */
  messages: Map<number, string>;
  secret: string | undefined;
}

export async function answersOf(store: FileStore, handles: string[]): Promise<Answers> {
  const { users, messages, secret } = store;
  const answers: Answers = {
    owners: new Map(),
    users: new Map(),
    tokens: new Map(),
    messages: new Map(),
    secret: secret.open()?.text,
  };
  for (const handle of handles) {
    const owner = users.openHandleFile(hashHandle(handle));
    answers.owners.set(handle, typeof owner === "string" ? owner : String(owner.userId));
  }
  for (const { userId, userHandle } of users.list(0, 200)) answers.users.set(userId, userHandle);
  for (let userId = 1; userId <= handles.length; userId++) {
    const user = users.openTokenFile(userId);
    answers.tokens.set(userId, typeof user === "string" ? user : user.authToken.text);
    const query = { userId, box: "received" as const, otherId: undefined, after: 0, before: undefined, limit: 200 };
    const page: { messageId: number }[] = JSON.parse(String(await (await messages.page(query)).json));
    for (const message of page) answers.messages.set(message.messageId, JSON.stringify(message));
  }
  return answers;
}

/**
 * The differences between the right answers and those of the store.
 * @param versions by id: every text that a message ever had, removed messages too. A removed or edited text may show
 * again when the line that said so is damaged. But nothing may show that was never written.
 */
export function differences(right: Answers, told: Answers, versions: Map<number, Set<string>>) {
  /** Never excused: an answer that was never true. */
  const wrong: string[] = [];
  /** Excused if it was reported. */
  const missing: string[] = [];
  for (const [id, message] of told.messages) {
    if (right.messages.get(id) === message) continue;
    if (versions.get(id)?.has(message) === true) missing.push(`a change of message ${id}`);
    else wrong.push(`message ${id} is ${message}`);
  }
  for (const id of right.messages.keys()) if (!told.messages.has(id)) missing.push(`message ${id}`);
  for (const [handle, owner] of right.owners) {
    const toldOwner = told.owners.get(handle);
    if (toldOwner === owner) continue;
    if (Number.isNaN(Number(toldOwner))) missing.push(`the owner of ${handle}`);
    else wrong.push(`${handle} leads to user ${toldOwner}`);
  }
  for (const [id, handle] of told.users) {
    if (right.users.get(id) === handle) continue;
    if (handle === "?") missing.push(`the handle of user ${id}`);
    else wrong.push(`user ${id} is called ${handle}`);
  }
  for (const id of right.users.keys()) if (!told.users.has(id)) missing.push(`user ${id} in the list`);
  for (const [id, token] of right.tokens) if (told.tokens.get(id) !== token) missing.push(`the token of user ${id}`);
  return { wrong, missing };
}
