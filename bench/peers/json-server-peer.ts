/**
 * json-server as a peer: messages are a collection. It has no users, so each message names its sender and its
 * recipient, and a page is a GET with a filter.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startMeasured } from "../load/processes.ts";
import { MESSAGE, rawRequest, USERS } from "../load/requests.ts";
import { MESSAGES_ON_A_PAGE, type Peer, underLoad } from "./peer.ts";

export const jsonServer: Peer = {
  id: "json-server",
  name: "json-server",
  durable: false,
  cases: ["publish", "page"],
  whyMissing: () => undefined,
  async start(caseName, folder) {
    const file = join(folder, "chat.json");
    const held = caseName === "page" ? MESSAGES_ON_A_PAGE * USERS : 0;
    // Written directly into the file, because json-server would rewrite the whole file for each message.
    const messages = Array.from({ length: held }, (_, i) => ({ id: i + 1, ...messageOf(i) }));
    await writeFile(file, JSON.stringify({ messages }));
    const server = await startMeasured("json-server", ["bench/peers/json-server.ts", file], /port (\d+)/, {
      NODE_ENV: "production",
    });
    const requests = Array.from({ length: USERS }, (_, i) =>
      caseName === "page"
        ? rawRequest("GET", `/messages?toId=${i + 1}&_limit=${MESSAGES_ON_A_PAGE}`, "")
        : rawRequest("POST", "/messages", JSON.stringify(messageOf(i))),
    );
    return underLoad(server, requests, folder);
  },
};

/** A message from one user to the next, as in the requests to the other servers. */
function messageOf(number: number) {
  const from = number % USERS;
  const to = (number + 1) % USERS;
  return {
    fromId: from + 1,
    fromHandle: `user-${from}`,
    toId: to + 1,
    toHandle: `user-${to}`,
    message: MESSAGE,
    sentAt: "2030-01-02T12:00:00.000Z",
  };
}
