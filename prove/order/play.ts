/**
 * Plays a plan: all clients at once, each one step after the other, on queues that nobody has used before. The clients
 * share the ids they learn, so that they often work on the same message. recorder.ts writes down what happens.
 */
import { setTimeout } from "node:timers/promises";
import type { Operation } from "./checker/history.ts";
import type { Plan, Step } from "./plan.ts";
import { type By, Recorder } from "./recorder.ts";
import type { DyingServer, Person } from "./server-that-dies.ts";

export const MAX_OPERATIONS = 200;
/** How many of the newest messages to choose from, so that several clients often choose the same one. */
const NEWEST = 6;
/** Once in this many times choose a message of any age: its first line may be in an older file than the new one. */
const ONCE_OF_ANY_AGE = 4;
const GREATEST_LIMIT = 200;
const MAX_TRIES = 3;

export interface Played {
  operations: Operation[];
  /** The first reply that no operation can get, if there was one. */
  refused: unknown;
  /** Reads the queues once more and adds that to the operations. */
  readAgain: () => Promise<void>;
}

export async function play(plan: Plan, server: DyingServer, senders: Person[]): Promise<Played> {
  const recipients: Person[] = [];
  while (recipients.length < plan.queues) recipients.push(await server.register());
  await server.askForCompaction();
  const recorder = new Recorder(server, senders, recipients);
  const dying = killInTime(plan, server, recorder);
  const playing = await Promise.allSettled(plan.steps.map((steps, client) => playClient(steps, client, recorder)));
  recorder.isOver = true;
  await dying;
  const played: Played = {
    operations: recorder.operations,
    refused: playing.find((each) => each.status === "rejected")?.reason,
    async readAgain() {
      try {
        for (const queue of recipients.keys()) await fetchAtAnyRate(recorder, { client: 0, queue });
      } catch (error) {
        played.refused ??= error;
      }
    },
  };
  // Anything lost or doubled shows at the end.
  await played.readAgain();
  return played;
}

async function killInTime({ killAfter }: Plan, server: DyingServer, recorder: Recorder): Promise<void> {
  if (killAfter === undefined) return;
  while (recorder.operations.length < killAfter && !recorder.isOver) await setTimeout(1);
  await server.die();
}

async function playClient(steps: Step[], client: number, recorder: Recorder): Promise<void> {
  for (const step of steps) {
    if (recorder.operations.length >= MAX_OPERATIONS) return;
    if (step.pause > 0) await setTimeout(step.pause);
    await playStep(step, client, recorder);
  }
}

async function playStep(
  { kind, pick, limit, breaks, ...step }: Step,
  client: number,
  recorder: Recorder,
): Promise<void> {
  const by = { client, queue: step.queue % recorder.recipients.length };
  const known = recorder.known[by.queue] ?? [];
  const choice = pick % ONCE_OF_ANY_AGE === 0 ? known : known.slice(-NEWEST);
  const picked = choice[Math.floor(pick / ONCE_OF_ANY_AGE) % Math.max(choice.length, 1)];
  switch (kind) {
    case "publish":
      await recorder.publish(by, undefined, breaks[0]);
      return;
    case "publish with a key": {
      const key = recorder.nextKey();
      for (let tried = 0; tried < MAX_TRIES; tried++) if (await recorder.publish(by, key, breaks[tried])) return;
      return;
    }
    case "edit":
      if (picked !== undefined) await recorder.edit(by, picked, breaks[0]);
      return;
    case "remove":
      if (picked !== undefined) await recorder.remove(by, picked, pick % 3 === 0 ? "recipient" : "sender", breaks[0]);
      return;
    case "fetch a page": {
      const after = known[pick % (known.length + 1)]?.messageId ?? 0;
      await recorder.fetch(by, { after, limit }, breaks[0]);
      return;
    }
    case "fetch everything":
      await fetchEverything(recorder, by, Math.max(limit, NEWEST));
  }
}

/** Without this read a history would say little. So if the connection breaks, try again. */
async function fetchAtAnyRate(recorder: Recorder, by: By): Promise<void> {
  for (let tried = 0; tried < MAX_TRIES; tried++) if (await fetchEverything(recorder, by, GREATEST_LIMIT)) return;
  throw new Error("The queue could not be read at the end");
}

/** @returns whether all replies came. */
async function fetchEverything(recorder: Recorder, by: By, limit: number): Promise<boolean> {
  for (let after = 0; ; ) {
    const messages = await recorder.fetch(by, { after, limit }, undefined);
    if (messages === undefined) return false;
    const last = messages.at(-1);
    if (last === undefined) return true;
    after = last.messageId;
  }
}
