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
  /** Set if the call checks the class secret. A client whose address guessed wrong too often has to wait first. */
  triesSecret?: true;
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
];
