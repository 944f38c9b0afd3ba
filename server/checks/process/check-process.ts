/**
 * The program that checks one pupil's server, and then ends. check-run.ts starts it. It is the only file of the server
 * that runs check/: so the server itself loads none of it, and what a hostile server does to the check happens here.
 */
import { setTimeout as pause } from "node:timers/promises";
import { lessonsUpTo } from "../../../check/lessons.ts";
import { type Report, runCheck } from "../../../check/run-check.ts";
import type { Limits } from "../check-run.ts";
import type { WhyStopped } from "../contract.ts";
import { boundedExchange, listens } from "./bounded-exchange.ts";
import type { News, Order } from "./messages.ts";
import { planFor, resultOf } from "./result.ts";

const PATIENCE_MILLISECONDS = 5_000;
const LOOK_AGAIN_MILLISECONDS = 50;

process.once("message", ({ order, limits }: { order: Order; limits: Limits }) => void check(order, limits));
// The server has gone.
process.once("disconnect", () => process.exit());

async function check({ address, port, lesson, secret }: Order, limits: Limits): Promise<void> {
  const origin = `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
  const plan = planFor(lessonsUpTo(lesson), lesson);
  const total = plan.stages.reduce((sum, { cases }) => sum + cases.length, 0);
  tell({ type: "progress", done: 0, total });

  const stop = new Promise<WhyStopped>((resolve) => {
    let left = limits.runMilliseconds;
    let since = performance.now();
    let timer = setTimeout(() => resolve("time"), left);
    const exchange = boundedExchange(new URL(origin).origin, limits.bytes, () => resolve("bytes"));
    /** The pupil's time does not count. */
    const restart = async () => {
      clearTimeout(timer);
      left -= performance.now() - since;
      tell({ type: "restart", isWaiting: true });
      const isBack = await hasComeBack(address, port, limits.restartMilliseconds);
      if (!isBack) resolve("restart");
      tell({ type: "restart", isWaiting: false });
      since = performance.now();
      timer = setTimeout(() => resolve("time"), Math.max(0, left));
      // The check is over then, so nothing may go on.
      if (!isBack) await new Promise(() => {});
      return undefined;
    };
    const surroundings = {
      url: origin,
      secret,
      profile: "full",
      patienceMilliseconds: PATIENCE_MILLISECONDS,
      exchange,
      restart,
    } as const;
    const onProgress = (done: number) => tell({ type: "progress", done, total });
    runCheck({ surroundings, stages: plan.stages, all: false, onProgress }).then(
      (report: Report) => end({ type: "end", result: resultOf(report, plan, lesson) }),
      () => resolve("fault"),
    );
  });
  end({ type: "end", stopped: await stop });
}

/** The pupil stops the server and starts it again, with their own hands: it is away for longer than a moment. */
async function hasComeBack(address: string, port: number, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  for (const wanted of [false, true]) {
    while ((await listens(address, port)) !== wanted) {
      if (performance.now() > deadline) return false;
      await pause(LOOK_AGAIN_MILLISECONDS);
    }
  }
  return true;
}

function tell(news: News): void {
  process.send?.(news);
}

function end(news: News): void {
  process.send?.(news, () => process.exit());
}
