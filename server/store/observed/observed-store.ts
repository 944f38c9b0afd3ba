/**
 * The store while somebody watches a request: everything is done by the real store, and a witness sees which files it
 * read and changed. open-store.ts makes one for each request that is explained.
 */
import type { Classroom, Messages, Observed, Secret, Users, Witness } from "../contract.ts";
import type { Paths } from "../files/paths.ts";
import type { MessageIndex } from "../index/message-index.ts";
import type { JournalFiles } from "../journal/journal-files.ts";
import { ObservedClassroom } from "./observed-classroom.ts";
import { ObservedFiles } from "./observed-files.ts";
import { ObservedJournal } from "./observed-journal.ts";
import { ObservedMessages } from "./observed-messages.ts";
import { ObservedSecret, ObservedUsers } from "./observed-users.ts";

export function observedStore(
  {
    users,
    messages,
    secret,
    classroom,
  }: { users: Users; messages: Messages; secret: Secret; classroom: Classroom | undefined },
  { files, index, paths }: { files: JournalFiles; index: MessageIndex; paths: Paths },
  witness: Witness,
): Observed {
  const observedFiles = new ObservedFiles(paths, witness);
  const observedJournal = new ObservedJournal(files, observedFiles);
  return {
    users: new ObservedUsers(users, observedFiles, observedJournal),
    messages: new ObservedMessages(messages, index, observedJournal),
    secret: new ObservedSecret(secret, observedFiles),
    classroom: classroom && new ObservedClassroom(classroom, observedFiles),
  };
}
