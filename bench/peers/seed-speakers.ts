/**
 * The servers that follow the specification: ours and two others. They get exactly the same requests, from users who
 * have registered with each of them, and answer with the same fields.
 */
import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type MeasuredServer, startCommand, startMeasured } from "../load/processes.ts";
import { messagesInTurn, rawRequest, registerUsers, type User } from "../load/requests.ts";
import { CASES, type CaseName, MESSAGES_ON_A_PAGE, type Peer, underLoad } from "./peer.ts";

const SECRET = "river-candle-orbit-maple";
/** gunicorn's documentation recommends 2 to 4 threads per core. With more, Flask was slower (docs/performance.md). */
const GUNICORN_WORKERS = availableParallelism();
const THREADS_OF_A_WORKER = 4;
const FLASK_APP = ["--chdir", import.meta.dirname, "flask-server:app"];

export const plainchat = plainchatIn(join(import.meta.dirname, "..", ".."));

/** The server of a checkout, which needs its own node_modules. */
export function plainchatIn(checkout: string): Peer {
  return seedSpeaker({
    id: "plainchat",
    name: `plainchat in ${checkout}`,
    durable: true,
    startIn: (root) =>
      startMeasured(
        "plainchat",
        [join(checkout, "server/main.ts"), "--root", root, "--port", "0"],
        /"address":"http:\/\/127.0.0.1:(\d+)"/,
      ),
  });
}

export const flask = seedSpeaker({
  id: "flask",
  name: "Flask + gunicorn",
  durable: false,
  whyMissing: () =>
    spawnSync("gunicorn", ["--check-config", ...FLASK_APP], { env: { ...process.env, PEER_ROOT: "" } }).status === 0
      ? undefined
      : "Flask or gunicorn is not installed (Debian: apt-get install python3-flask gunicorn)",
  startIn: (root) => {
    // With threads, because gunicorn's plain workers close the connection after each reply: that is a different load.
    const workers = ["--worker-class", "gthread", "--workers", String(GUNICORN_WORKERS)];
    const threads = ["--threads", String(THREADS_OF_A_WORKER), "--keep-alive", "60"];
    const place = ["--bind", "127.0.0.1:0"];
    // gunicorn prints its address to standard error.
    const together = ["sh", "-c", 'exec "$0" "$@" 2>&1'];
    const command = [...together, "gunicorn", ...workers, ...threads, ...place, ...FLASK_APP];
    return startCommand("Flask", command, /Listening at: http:\/\/127\.0\.0\.1:(\d+)/, {
      PEER_ROOT: root,
      PYTHONDONTWRITEBYTECODE: "1",
    });
  },
});

export const express = seedSpeaker({
  id: "express",
  name: "Express + SQLite",
  durable: true,
  startIn: (root) =>
    startMeasured("Express", ["bench/peers/express-server.ts", root], /port (\d+)/, { NODE_ENV: "production" }),
});

function seedSpeaker({
  startIn,
  ...peer
}: {
  id: string;
  name: string;
  durable: boolean;
  whyMissing?: () => string | undefined;
  startIn: (root: string) => Promise<MeasuredServer>;
}): Peer {
  return {
    whyMissing: () => undefined,
    ...peer,
    cases: CASES,
    async start(caseName, folder) {
      const root = join(folder, "root");
      for (const name of ["users", "messages"]) await mkdir(join(root, name), { recursive: true });
      await writeFile(join(root, "users", "secret.dat"), SECRET);
      const server = await startIn(root);
      const users = await registerUsers(server, root);
      if (caseName === "page") await fillQueues(server, users);
      return underLoad(server, requestsOf(caseName, users), folder);
    },
  };
}

/** Requests as in the specification: with a JSON body, also for GET. */
export function requestsOf(caseName: CaseName, users: User[]): string[] {
  if (caseName === "publish") {
    return messagesInTurn(users).map((body) => rawRequest("POST", "/api/v1/chat", JSON.stringify(body)));
  }
  return users.map(({ myId, myAuth }, i) => {
    if (caseName === "page") {
      return rawRequest("GET", "/api/v1/chat", JSON.stringify({ myId, myAuth, limit: MESSAGES_ON_A_PAGE }));
    }
    const userHandle = users[(i + 1) % users.length]?.userHandle;
    return rawRequest("GET", "/api/v1/register", JSON.stringify({ myId, myAuth, userHandle }));
  });
}

/**
 * Gives every user a page of messages. The users send in turn, as in a class where everybody writes at the same time.
 */
export async function fillQueues({ port, name }: MeasuredServer, users: User[]): Promise<void> {
  const bodies = messagesInTurn(users);
  const headers = { "content-type": "application/json" };
  for (let i = 0; i < MESSAGES_ON_A_PAGE; i++) {
    await Promise.all(
      bodies.map(async (body) => {
        const request = { method: "POST", headers, body: JSON.stringify(body) };
        const reply = await fetch(`http://127.0.0.1:${port}/api/v1/chat`, request);
        await reply.arrayBuffer();
        if (reply.status !== 200) throw new Error(`${name} refused a message with ${reply.status}`);
      }),
    );
  }
}
