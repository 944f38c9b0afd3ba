/**
 * The table of calls: method, path, operation. To see what a call does, open its operation. To see how a request gets
 * there, open http/answer.ts.
 */
import type { Live } from "../live/live.ts";
import type { Call } from "../steps/call.ts";
import type { Clock, Random } from "../steps/random-and-clock.ts";
import type { Messages, Secret, Users } from "../store/contract.ts";
import { changeUser } from "./change-user.ts";
import { editMessage } from "./edit-message.ts";
import { fetchQueue } from "./fetch-queue.ts";
import { listUsers } from "./list-users.ts";
import { lookUpUser } from "./look-up-user.ts";
import { publishMessage } from "./publish-message.ts";
import { registerUser } from "./register-user.ts";
import { removeMessage } from "./remove-message.ts";
import { removeUser } from "./remove-user.ts";
import { streamQueue } from "./stream-queue.ts";

/** Everything that operations need. Each one takes what it uses. */
export interface Parts {
  users: Users;
  messages: Messages;
  secret: Secret;
  live: Live;
  clock: Clock;
  random: Random;
}

export type Operation = (call: Call, parts: Parts) => object | Promise<object>;

export interface Route {
  /** The start of its step ids. */
  id: string;
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  operation: Operation;
  /** What a curl line needs to make the call, besides credentials and the address. */
  curl: string;
  /** Set if the call checks the class secret. A client whose address guessed wrong too often has to wait first. */
  triesSecret?: true;
  /** Set if the reply does not end. */
  isStream?: true;
}

const REGISTER = "/api/v1/register";
const CHAT = "/api/v1/chat";

export const ROUTES: readonly Route[] = [
  {
    id: "register.post",
    method: "POST",
    path: REGISTER,
    operation: registerUser,
    curl: `-d '{"secret":"CLASS-SECRET","userHandle":"ada"}'`,
    triesSecret: true,
  },
  { id: "register.get", method: "GET", path: REGISTER, operation: lookUpUser, curl: "-G -d userHandle=grace" },
  {
    id: "register.patch",
    method: "PATCH",
    path: REGISTER,
    operation: changeUser,
    curl: `-X PATCH -d '{"userHandle":"lovelace"}'`,
  },
  { id: "register.delete", method: "DELETE", path: REGISTER, operation: removeUser, curl: "-X DELETE" },
  { id: "users.get", method: "GET", path: "/api/v1/users", operation: listUsers, curl: "" },
  {
    id: "chat.post",
    method: "POST",
    path: CHAT,
    operation: publishMessage,
    curl: `-d '{"userHandle":"grace","message":"hello"}'`,
  },
  { id: "chat.get", method: "GET", path: CHAT, operation: fetchQueue, curl: "" },
  {
    id: "chat.patch",
    method: "PATCH",
    path: CHAT,
    operation: editMessage,
    curl: `-X PATCH -d '{"messageId":1,"message":"hello again"}'`,
  },
  { id: "chat.delete", method: "DELETE", path: CHAT, operation: removeMessage, curl: `-X DELETE -d '{"messageId":1}'` },
  { id: "stream.get", method: "GET", path: `${CHAT}/stream`, operation: streamQueue, curl: "-N", isStream: true },
];
