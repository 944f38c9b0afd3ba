/**
 * The requests that the bench sends to the servers: a class of users, and each user writes to the next one.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { MeasuredServer } from "./processes.ts";

export const USERS = 64;
export const MESSAGE = "A message of a usual length: about as much as somebody types before they press Enter.";

export interface User {
  myId: number;
  myAuth: string;
  userHandle: string;
}

/** @param dataFolder the server's data folder, which holds its class secret. */
export async function registerUsers({ port }: MeasuredServer, dataFolder: string): Promise<User[]> {
  const secret = (await readFile(join(dataFolder, "users", "secret.dat"), "utf8")).trim();
  return Promise.all(
    Array.from({ length: USERS }, async (_, i) => {
      const userHandle = `user-${i}`;
      const body = JSON.stringify({ secret, userHandle });
      const headers = { "content-type": "application/json" };
      const reply = await fetch(`http://127.0.0.1:${port}/api/v1/register`, { method: "POST", headers, body });
      const { userId, authToken } = (await reply.json()) as { userId: number; authToken: string };
      return { myId: userId, myAuth: authToken, userHandle };
    }),
  );
}

/** The bodies of one message from each user to the next one. */
export function messagesInTurn(users: User[]): object[] {
  return users.map(({ myId, myAuth }, i) => {
    return { myId, myAuth, userHandle: users[(i + 1) % users.length]?.userHandle, message: MESSAGE };
  });
}

/** @param headers more headers, each with its line break. */
export function rawRequest(method: string, path: string, body: string, headers = ""): string {
  const type = "Content-Type: application/json";
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
