/**
 * The table of calls: method, path, operation. To see what a call does, open its operation. To see how a request gets
 * there, open http/answer.ts.
 */
import type { Call } from "../steps/call.ts";
import { endClass } from "./archives/end-class.ts";
import { exportClass } from "./archives/export-class.ts";
import { listArchives } from "./archives/list-archives.ts";
import { openArchive } from "./archives/open-archive.ts";
import { changeUser } from "./change-user.ts";
import { becomeTeacher } from "./class/become-teacher.ts";
import { beginCheck } from "./class/begin-check.ts";
import { changeClass } from "./class/change-class.ts";
import { changePupil } from "./class/change-pupil.ts";
import { listPupils } from "./class/list-pupils.ts";
import { makeRejoinCode } from "./class/make-rejoin-code.ts";
import { myCheck } from "./class/my-check.ts";
import { myProgress } from "./class/my-progress.ts";
import { raiseHand } from "./class/raise-hand.ts";
import { rejoin } from "./class/rejoin.ts";
import { removePupil } from "./class/remove-pupil.ts";
import { reportProgress } from "./class/report-progress.ts";
import { takeDownMessage } from "./class/take-down-message.ts";
import { writeToAll } from "./class/write-to-all.ts";
import { editMessage } from "./edit-message.ts";
import { fetchQueue } from "./fetch-queue.ts";
import { listUsers } from "./list-users.ts";
import { lookUpUser } from "./look-up-user.ts";
import type { Parts } from "./parts.ts";
import { publishMessage } from "./publish-message.ts";
import { registerUser } from "./register-user.ts";
import { removeMessage } from "./remove-message.ts";
import { removeUser } from "./remove-user.ts";
import { streamQueue } from "./stream-queue.ts";

/** Every operation has this form. Some are `async`, because they wait for the disk: those return a promise. */
export type Operation = (call: Call, parts: Parts) => object | Promise<object>;

export interface Route {
  /** The start of its step ids. */
  id: string;
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  operation: Operation;
  /** Set if the call checks the class secret. A client whose address guessed wrong too often has to wait first. */
  triesSecret?: true;
  /** Set if only the teacher may call it. The key may be in `Authorization: Bearer`. */
  isForTeacher?: true;
  /** Set if the operation asks where the request came from. */
  needsPeer?: true;
  /** Set if the reply is a file that is made while it is sent. */
  isDownload?: true;
  /** Set if the reply does not end. */
  isStream?: true;
}

export const ROUTES: readonly Route[] = [
  { id: "register.post", method: "POST", path: "/api/v1/register", operation: registerUser, triesSecret: true },
  { id: "register.get", method: "GET", path: "/api/v1/register", operation: lookUpUser },
  { id: "register.patch", method: "PATCH", path: "/api/v1/register", operation: changeUser },
  { id: "register.delete", method: "DELETE", path: "/api/v1/register", operation: removeUser },
  { id: "users.get", method: "GET", path: "/api/v1/users", operation: listUsers },
  { id: "chat.post", method: "POST", path: "/api/v1/chat", operation: publishMessage },
  { id: "chat.get", method: "GET", path: "/api/v1/chat", operation: fetchQueue },
  { id: "chat.patch", method: "PATCH", path: "/api/v1/chat", operation: editMessage },
  { id: "chat.delete", method: "DELETE", path: "/api/v1/chat", operation: removeMessage },
  { id: "stream.get", method: "GET", path: "/api/v1/chat/stream", operation: streamQueue, isStream: true },
  { id: "hand.patch", method: "PATCH", path: "/api/v1/class/hand", operation: raiseHand },
  { id: "progress.patch", method: "PATCH", path: "/api/v1/class/progress", operation: reportProgress },
  { id: "progress.get", method: "GET", path: "/api/v1/class/progress", operation: myProgress },
  { id: "checks.post", method: "POST", path: "/api/v1/class/checks", operation: beginCheck, needsPeer: true },
  { id: "checks.get", method: "GET", path: "/api/v1/class/checks", operation: myCheck },
  { id: "rejoin.post", method: "POST", path: "/api/v1/class/rejoin", operation: rejoin },
  { id: "teacher.post", method: "POST", path: "/api/v1/class/teacher", operation: becomeTeacher, isForTeacher: true },
  { id: "class.patch", method: "PATCH", path: "/api/v1/class", operation: changeClass, isForTeacher: true },
  { id: "pupils.get", method: "GET", path: "/api/v1/class/pupils", operation: listPupils, isForTeacher: true },
  { id: "pupils.patch", method: "PATCH", path: "/api/v1/class/pupils", operation: changePupil, isForTeacher: true },
  { id: "pupils.delete", method: "DELETE", path: "/api/v1/class/pupils", operation: removePupil, isForTeacher: true },
  { id: "codes.post", method: "POST", path: "/api/v1/class/codes", operation: makeRejoinCode, isForTeacher: true },
  { id: "messages.post", method: "POST", path: "/api/v1/class/messages", operation: writeToAll, isForTeacher: true },
  {
    id: "messages.delete",
    method: "DELETE",
    path: "/api/v1/class/messages",
    operation: takeDownMessage,
    isForTeacher: true,
  },
  {
    id: "export.get",
    method: "GET",
    path: "/api/v1/class/export",
    operation: exportClass,
    isForTeacher: true,
    isDownload: true,
  },
  { id: "archives.get", method: "GET", path: "/api/v1/class/archives", operation: listArchives, isForTeacher: true },
  { id: "archives.post", method: "POST", path: "/api/v1/class/archives", operation: endClass, isForTeacher: true },
  { id: "open.post", method: "POST", path: "/api/v1/class/open", operation: openArchive, isForTeacher: true },
];
