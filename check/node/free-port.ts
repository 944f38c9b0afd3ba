/**
 * Finds a port that no program listens on, for a server that must know its port before it starts, or that starts again
 * at the same one. The system gives ports of its own choice to all programs that connect somewhere: on Linux from 32768
 * on, elsewhere from 49152 on. It could give away one of these while the server is down, so this takes a lower one.
 */
import { createServer } from "node:net";

/** Browsers and fetch() refuse some ports below. */
const LOWEST = 20_000;
const HIGHEST = 32_767;
const TRIES = 100;

export async function freePort(): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    // At random: other programs look for a port at the same moment.
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (await isFree(port)) return port;
  }
  throw new Error(`None of ${TRIES} ports was free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
