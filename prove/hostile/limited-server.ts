/**
 * Starts the server with no more memory than compose.yaml gives it, and measures how much it uses. Where such a limit
 * cannot be made, the server runs without it, and a proof must say so: nobody would have killed it.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Ending } from "../../testing/at-end.ts";
import { type RunningServer, startServer } from "../../testing/start-server.ts";
import { MemoryLimit, peakMebibytes } from "./memory-limit.ts";
import type { MemoryInUse } from "./tell-memory.ts";

/** As in compose.yaml. */
const LIMIT_MEBIBYTES = 256;
const TELL_MEMORY = new URL("tell-memory.ts", import.meta.url).href;

export interface LimitedServer extends RunningServer {
  /** The memory that is in use after a collection of all garbage, in MiB. */
  live: () => Promise<number>;
  /** Fails if the server has ended, or was killed for its memory. */
  mustBeAlive: () => void;
  /** A figure about the memory that the server had at most. */
  peak: () => string;
  /** What is missing on this machine for a limit, if there is none. A promise about the memory is unproven then. */
  lacks: string | undefined;
}

export async function startLimited(
  ending: Ending,
  root: string,
  environment: Record<string, string> = {},
): Promise<LimitedServer> {
  const limit = MemoryLimit.make(ending, LIMIT_MEBIBYTES);
  const launch = { under: limit?.under ?? [], flags: ["--expose-gc", "--import", TELL_MEMORY], hasChannel: true };
  const server = await startServer(ending, root, environment, launch);
  const mustBeAlive = () => {
    assert.equal(limit?.kills ?? 0, 0, `The server needed more than ${LIMIT_MEBIBYTES} MiB and was killed`);
    const { exitCode, signalCode } = server.process;
    assert.equal(exitCode ?? signalCode, null, `The server has ended:\n${server.output().slice(-3000)}`);
  };
  return {
    ...server,
    mustBeAlive,
    async live() {
      mustBeAlive();
      server.process.send("live?");
      const [{ live }] = (await once(server.process, "message")) as [MemoryInUse];
      return live;
    },
    peak: () =>
      `resident at most ${peakMebibytes(server.process.pid)} MiB, files included (limit ${LIMIT_MEBIBYTES} without)`,
    lacks: limit === undefined ? "nothing limited its memory, which needs root and control groups on Linux" : undefined,
  };
}
