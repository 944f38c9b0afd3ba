/**
 * Reads everything that is in a data folder, through the same replay as a start of the server. The caller has the lock
 * of the folder, so nothing changes while it is read.
 */
import type { Paths } from "../files/paths.ts";
import { RECENT_EVENTS } from "../journal/event-gap.ts";
import { Pages } from "../journal/pages.ts";
import { decodeRecord } from "../journal/record.ts";
import { replayJournal } from "../open-journal.ts";
import type { Report } from "../report.ts";
import { ClassSecret } from "../users/class-secret.ts";
import { registeredAtIn } from "../users/profile.ts";
import { UserCache } from "../users/user-cache.ts";
import { readClassFolder } from "./class-in-folder.ts";
import {
  BATCH,
  type Contents,
  type StoredHandle,
  type StoredMessage,
  type StoredUser,
  storedMessage,
} from "./contents.ts";
import { MoveProblem } from "./move-problem.ts";

export interface OpenContents extends Contents {
  close(): Promise<void>;
}

/** @param report told what the replay has to say. A folder that was settled by a start gives it nothing to say. */
export async function openFolderContents(paths: Paths, report: Report): Promise<OpenContents> {
  const secret = new ClassSecret(paths).read();
  if ("unreadable" in secret) throw new MoveProblem(`The class secret cannot be moved: ${secret.unreadable}`);
  const cache = new UserCache(paths);
  cache.load();
  const users = usersIn(paths, cache);
  const handles = handlesIn(paths, cache);
  const ofClass = await readClassFolder(paths, (userId) => cache.user(userId) !== "not found", report);
  const { files, index } = await replayJournal(
    paths,
    RECENT_EVENTS,
    { report },
    { isRestored: true, hasNoUsers: false },
  );
  const pages = new Pages(files);
  const { lastSeq, recent } = index;
  const events = [...recent.after(Math.max(recent.knownAfter, lastSeq - RECENT_EVENTS))].filter(
    ({ type, messageId }) => {
      // Streams are told nothing of a message that is gone, except that it is gone.
      return type === "delete" || type === "leave" || index.messages.find(messageId) !== undefined;
    },
  );
  async function* messages(): AsyncGenerator<StoredMessage[]> {
    for (let after = 0; ; ) {
      const rows = index.messages.pageOfAll(after, BATCH);
      const last = rows.at(-1);
      if (last === undefined) return;
      yield (await pages.lines(rows)).map(messageIn);
      after = last.messageId;
    }
  }
  return {
    secret: secret.text,
    head: {
      eventId: lastSeq,
      messageId: index.lastMessageId,
      userId: Math.max(index.lastUserId, users.at(-1)?.userId ?? 0),
    },
    users,
    handles,
    class: ofClass,
    events,
    messageCount: index.messages.count,
    messages,
    close: () => files.retireAll(),
  };
}

function usersIn(paths: Paths, cache: UserCache): StoredUser[] {
  return cache.ids.map((userId) => {
    const user = cache.user(userId);
    if (typeof user === "string") {
      const file = paths.below(paths.tokenFile(userId));
      throw new MoveProblem(`${file} has no token. Write a token into it or remove it, then try again`);
    }
    const { userHandle, authToken } = user;
    return { userId, authToken: authToken.text, userHandle, registeredAt: registeredAtIn(cache.readProfile(userId)) };
  });
}

function handlesIn(paths: Paths, cache: UserCache): StoredHandle[] {
  return cache
    .hashes()
    .sort()
    .flatMap((hashUserHandle) => {
      const userId = cache.owner(hashUserHandle);
      if (userId === "unreadable") {
        const file = paths.below(paths.handleFile(hashUserHandle));
        throw new MoveProblem(`${file} does not say whose handle it is. Put it right or remove it, then try again`);
      }
      // A file that a crash left: its user is gone, or has another handle.
      return userId === "not found" ? [] : [{ hashUserHandle, userId }];
    });
}

function messageIn(line: Buffer): StoredMessage {
  const record = decodeRecord(line);
  if (record?.op !== "post" && record?.op !== "edit") throw new Error("The index names the line of a message");
  return storedMessage(record);
}
