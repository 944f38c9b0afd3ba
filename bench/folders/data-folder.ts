/**
 * Writes a whole data folder in a few seconds, just as the server would have left it. That way the bench can measure a
 * server with a million messages without publishing them one by one. The server's own code makes the lines, and a test
 * opens such a folder.
 */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { Paths } from "../../server/store/files/paths.ts";
import { LastIds } from "../../server/store/journal/last-ids.ts";
import { encodeRecord, type JournalRecord } from "../../server/store/journal/record.ts";
import { makeAuthToken } from "../../server/store/users/auth-token.ts";
import { hashHandle } from "../../server/store/users/handle-hash.ts";
import { encodeProfile } from "../../server/store/users/profile.ts";
import { MESSAGE, type User } from "../load/requests.ts";

const TIME = "2030-01-02T12:00:00.000Z";
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const LINES_AT_ONCE = 10_000;

interface FolderContents {
  users: number;
  messages: number;
  /** How many queues the messages go to, in turn. The owners of the queues are spread evenly over all users. */
  queues: number;
  /** Whether every second message is deleted again, so that compaction has something to do. */
  halfDeleted?: boolean;
}

/** @returns the users with messages in their queues. */
export function writeDataFolder(root: string, contents: FolderContents): User[] {
  const paths = new Paths(root);
  for (const folder of [paths.root, paths.users, paths.messages]) mkdirSync(folder, { recursive: true });
  writeFileSync(paths.secret, "river-candle-orbit-maple\n");
  const users = Array.from({ length: contents.users }, (_, i) => writeUser(paths, i + 1));
  const step = Math.floor(contents.users / contents.queues);
  const owners = users.filter((_, i) => i % step === 0).slice(0, contents.queues);
  writeJournal(paths, { users, owners }, contents);
  return owners;
}

function writeUser(paths: Paths, myId: number): User {
  const userHandle = `user-${myId}`;
  const myAuth = makeAuthToken();
  writeFileSync(paths.tokenFile(myId), myAuth);
  writeFileSync(paths.profileFile(myId), encodeProfile({ userHandle, registeredAt: TIME }));
  writeFileSync(paths.handleFile(hashHandle(userHandle)), String(myId));
  return { myId, myAuth, userHandle };
}

function writeJournal(
  paths: Paths,
  { users, owners }: { users: User[]; owners: User[] },
  { messages, halfDeleted = false }: FolderContents,
): void {
  const files = new JournalFiles(paths, users.length);
  const ends = (messageId: number): { from: User; to: User } => {
    const [to, from] = [owners[messageId % owners.length], users[messageId % users.length]];
    if (to === undefined || from === undefined) throw new Error("A folder with messages needs users");
    return { from, to };
  };
  for (let messageId = 1; messageId <= messages; messageId++) {
    const { from, to } = ends(messageId);
    const [fromId, fromHandle, toId, toHandle] = [from.myId, from.userHandle, to.myId, to.userHandle];
    const message = { messageId, fromId, fromHandle, toId, toHandle, message: MESSAGE, sentAt: TIME };
    files.add((seq) => ({ op: "post", seq, ...message }), messageId);
  }
  for (let messageId = 2; halfDeleted && messageId <= messages; messageId += 2) {
    const { from, to } = ends(messageId);
    files.add((seq) => ({ op: "delete", seq, messageId, fromId: from.myId, toId: to.myId }), messages);
  }
  files.close();
}

/** Writes the files of the journal, one after the other, each with its `start` line. */
class JournalFiles {
  readonly #paths: Paths;
  readonly #lastUserId: number;
  #number = 0;
  #seq = 0;
  #descriptor = -1;
  #bytes = 0;
  #lastMessageId = 0;
  #lines: string[] = [];

  constructor(paths: Paths, lastUserId: number) {
    this.#paths = paths;
    this.#lastUserId = lastUserId;
    this.#begin();
  }

  add(make: (seq: number) => JournalRecord, lastMessageId: number): void {
    this.#lines.push(encodeRecord(make(++this.#seq)));
    this.#lastMessageId = lastMessageId;
    if (this.#lines.length < LINES_AT_ONCE) return;
    this.#flush();
    if (this.#bytes >= MAX_FILE_BYTES) this.#begin();
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
    const lastIds = new LastIds(this.#paths.lastIds, (error) => {
      throw error;
    });
    const ids = { messageId: this.#lastMessageId, userId: this.#lastUserId, eventId: this.#seq };
    lastIds.write({ ...ids, file: this.#number, readUpTo: this.#bytes });
    lastIds.close();
  }

  #begin(): void {
    if (this.#descriptor !== -1) closeSync(this.#descriptor);
    this.#number++;
    this.#descriptor = openSync(this.#paths.journalFile(this.#number), "wx", 0o600);
    this.#bytes = 0;
    const ids = { lastMessageId: this.#lastMessageId, lastUserId: this.#lastUserId };
    this.#lines = [encodeRecord({ op: "start", seq: ++this.#seq, ...ids })];
  }

  #flush(): void {
    const text = this.#lines.join("");
    this.#lines = [];
    this.#bytes += writeSync(this.#descriptor, text);
  }
}
