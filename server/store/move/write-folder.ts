/**
 * Writes everything into a data folder, as the server itself would have written it: the same names, the same lines with
 * their CRCs. The folder must be empty, and its caller marks it as unfinished until everything in it is on the disk.
 */
import { mkdir } from "node:fs/promises";
import { syncFolder, syncHandle } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import type { RecentEvent } from "../index/recent-events.ts";
import { createJournalFile, type JournalFile } from "../journal/journal-file.ts";
import { LastIds } from "../journal/last-ids.ts";
import { LineWriter } from "../journal/line-writer.ts";
import { encodeRecord, type JournalRecord } from "../journal/record.ts";
import { encodeProfile } from "../users/profile.ts";
import { writeClassFolder } from "./class-in-folder.ts";
import type { Contents, MoveProgress, StoredMessage, StoredUser } from "./contents.ts";
import { writeNewFiles } from "./write-new-files.ts";

const FOLDER_MODE = 0o700;
/** The server's own size for a file of the journal. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** The handle of a user who has only a token. */
const UNKNOWN_HANDLE = "?";

export async function writeFolder(
  contents: Contents,
  paths: Paths,
  progress: MoveProgress,
  maxFileBytes = MAX_FILE_BYTES,
): Promise<void> {
  for (const folder of [paths.users, paths.messages]) await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  await writeUsers(contents, paths);
  await writeClassFolder(contents.class, paths);
  await new JournalCopy(contents, paths, maxFileBytes).write(progress);
  for (const folder of [paths.users, paths.messages, paths.root]) await syncFolder(folder);
}

async function writeUsers({ secret, users, handles }: Contents, paths: Paths): Promise<void> {
  const files: [path: string, text: string][] = [[paths.secret, `${secret}\n`]];
  for (const user of users) files.push(...filesOf(user, paths));
  for (const { hashUserHandle, userId } of handles) files.push([paths.handleFile(hashUserHandle), String(userId)]);
  await writeNewFiles(files);
}

function filesOf({ userId, authToken, userHandle, registeredAt }: StoredUser, paths: Paths): [string, string][] {
  const token: [string, string] = [paths.tokenFile(userId), authToken];
  if (userHandle === UNKNOWN_HANDLE) return [token];
  return [token, [paths.profileFile(userId), encodeProfile({ userHandle, registeredAt })]];
}

/** The journal, as compaction would have left it: one line for each message that is there. */
class JournalCopy {
  readonly #contents: Contents;
  readonly #paths: Paths;
  readonly #maxFileBytes: number;
  readonly #removals: RecentEvent[];
  /** With which event each message was sent, as far as streams can still resume from there. */
  readonly #postSeqs: Map<number, number>;
  #file: JournalFile | undefined;
  #writer = new LineWriter(async () => {});
  #lastMessageId = 0;
  #lastPostSeq = 0;

  constructor(contents: Contents, paths: Paths, maxFileBytes: number) {
    this.#contents = contents;
    this.#paths = paths;
    this.#maxFileBytes = maxFileBytes;
    const { events } = contents;
    this.#removals = events.filter(({ type }) => type === "delete" || type === "leave");
    const posts = events.filter(({ type }) => type === "message");
    this.#postSeqs = new Map(posts.map(({ messageId, seq }) => [messageId, seq]));
  }

  async write(progress: MoveProgress): Promise<void> {
    await this.#begin(1);
    let done = 0;
    for await (const batch of this.#contents.messages()) {
      for (const message of batch) await this.#addMessage(message);
      done += batch.length;
      progress(done, this.#contents.messageCount);
    }
    await this.#addRemovalsBefore(Number.POSITIVE_INFINITY);
    await this.#end();
  }

  async #addMessage(message: StoredMessage): Promise<void> {
    const { seq, ...rest } = message;
    const isEdited = message.editedAt !== undefined;
    // An older number than any that a stream may resume from is as good as the right one: only the order counts.
    const postSeq = isEdited ? (this.#postSeqs.get(message.messageId) ?? this.#lastPostSeq) : seq;
    await this.#addRemovalsBefore(postSeq);
    if (this.#writer.bytes > this.#maxFileBytes) {
      const next = (this.#file?.number ?? 0) + 1;
      await this.#end();
      await this.#begin(next);
    }
    this.#lastMessageId = message.messageId;
    this.#lastPostSeq = postSeq;
    await this.#add(isEdited ? { op: "edit", seq, postSeq, ...rest } : { op: "post", seq, ...rest });
  }

  async #addRemovalsBefore(seq: number): Promise<void> {
    for (let next = this.#removals[0]; next !== undefined && next.seq < seq; next = this.#removals[0]) {
      this.#removals.shift();
      await this.#add(
        next.type === "leave"
          ? { op: "leave", seq: next.seq, userId: next.toId }
          : { op: "delete", seq: next.seq, messageId: next.messageId, fromId: next.fromId, toId: next.toId },
      );
    }
  }

  async #add(record: JournalRecord): Promise<void> {
    await this.#writer.add(Buffer.from(encodeRecord(record)));
  }

  /** The first line says which numbers were ever given out. */
  async #begin(number: number): Promise<void> {
    const { eventId, messageId, userId } = this.#contents.head;
    const numbers = { lastMessageId: this.#lastMessageId, lastUserId: userId, usedMessageId: messageId };
    const file = await createJournalFile(this.#paths, number, { op: "start", seq: eventId, ...numbers });
    this.#file = file;
    this.#writer = new LineWriter((piece) => file.handle.appendFile(piece));
  }

  async #end(): Promise<void> {
    await this.#writer.flush();
    const file = this.#file;
    if (file === undefined) return;
    await syncHandle(file.handle);
    const { size } = await file.handle.stat();
    if (size !== file.bytes + this.#writer.bytes) throw new Error("A journal file was not written as a whole");
    await file.handle.close();
    this.#noteLastIds(file.number, size);
  }

  #noteLastIds(file: number, readUpTo: number): void {
    const lastIds = new LastIds(this.#paths.lastIds, (error) => {
      throw error;
    });
    lastIds.write({ ...this.#contents.head, file, readUpTo });
    lastIds.close();
  }
}
