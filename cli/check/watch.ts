/**
 * `plainchat check --watch`: runs the check again when the server has come back, or somebody presses Enter.
 */
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { isListening } from "../../check/node/server-under-test.ts";
import { CliError } from "../cli-error.ts";
import { tell } from "../output.ts";

/** A server that restarts is away for at least 50 milliseconds. */
const LOOK_AGAIN_MILLISECONDS = 25;

/** Repeats the check until Ctrl-C, or until nothing can start it again. */
export async function watch(urls: string[], options: { start?: string }, once: () => Promise<number>): Promise<void> {
  const enter = createInterface({ input: process.stdin });
  // After Ctrl-D nobody can press Enter any more. A script never could, so it continues while the server may come back.
  const isOver = new Promise<"over">((resolve) => {
    enter.once("close", () => {
      if (options.start !== undefined || process.stdin.isTTY) resolve("over");
    });
  });
  for (;;) {
    try {
      process.exitCode = await once();
    } catch (error) {
      // If the server does not start, somebody is probably working on it.
      if (!(error instanceof CliError)) throw error;
      process.exitCode = error.exitCode;
      tell(`plainchat: ${error.message}`);
    }
    const stopped = new AbortController();
    const whatNext: Promise<unknown>[] = [isOver, nextLine(enter, stopped.signal)];
    if (options.start === undefined) whatNext.push(hasComeBack(urls, stopped.signal));
    tell(`\nWaiting for ${options.start === undefined ? "your server to come back, or for " : ""}Enter. Ctrl-C ends.`);
    const next = await Promise.race(whatNext);
    stopped.abort();
    if (next === "over") return;
  }
}

function nextLine(enter: NodeJS.EventEmitter, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => resolve();
    enter.once("line", end);
    signal.addEventListener("abort", () => enter.off("line", end));
  });
}

/** Resolves when the server has been away and is back. */
async function hasComeBack(urls: string[], signal: AbortSignal): Promise<void> {
  const listens = async () => (await Promise.all(urls.map(isListening))).includes(true);
  const isThere = async (wanted: boolean) => {
    while (!signal.aborted && (await listens()) !== wanted) await setTimeout(LOOK_AGAIN_MILLISECONDS);
  };
  await isThere(false);
  if (!signal.aborted) tell("Your server is away.");
  await isThere(true);
}
