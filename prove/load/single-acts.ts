/**
 * One change of each kind, for proofs that look at what happens right before or after its reply.
 */
import { readdir } from "node:fs/promises";
import { askServer } from "../../server/store/backup/control-files.ts";
import { journalNumbersIn, Paths } from "../../server/store/files/paths.ts";
import { type Actions, Unanswered } from "./actions.ts";
import type { Client, Ledger } from "./ledger.ts";

export interface Scene {
  actions: Actions;
  ledger: Ledger;
  root: string;
  /** A different number for each act, to make new names. */
  number: number;
  /** What prepare() made for the act. */
  messageId: number;
  leaving: { userId: number; authToken: string };
  /** What the clients knew before the last request. */
  before: Ledger;
  /** Whether the server still runs. */
  isAlive: () => boolean;
}

export interface Act {
  name: string;
  /** Runs before the act. The proof does not look at it. */
  prepare?: (scene: Scene) => Promise<unknown>;
  run: (scene: Scene) => Promise<unknown>;
}

/** A client that keeps its handle, and one that does not. */
export function people({ ledger }: Scene): { steady: Client; other: Client } {
  const steady = ledger.clients.find(({ isSteady }) => isSteady);
  const other = ledger.clients.find(({ isSteady }) => !isSteady);
  if (steady === undefined || other === undefined) throw new Error("There are too few clients");
  return { steady, other };
}

async function publish(scene: Scene, key?: string): Promise<number> {
  const { steady, other } = people(scene);
  return scene.actions.publish(other, steady, key);
}

export function newScene(actions: Actions, ledger: Ledger, root: string, number: number): Scene {
  return {
    actions,
    ledger,
    root,
    number,
    messageId: 0,
    leaving: { userId: 0, authToken: "" },
    before: ledger,
    isAlive: () => true,
  };
}

export const ACTS: Act[] = [
  { name: "publish", run: (scene) => publish(scene) },
  { name: "publish with a key", run: (scene) => publish(scene, `key-${scene.number}`) },
  {
    name: "edit",
    async prepare(scene) {
      scene.messageId = await publish(scene);
    },
    run: (scene) => scene.actions.edit(people(scene).other, scene.messageId),
  },
  {
    name: "remove",
    async prepare(scene) {
      scene.messageId = await publish(scene);
    },
    run: (scene) => scene.actions.remove(people(scene).other, scene.messageId),
  },
  { name: "register", run: (scene) => scene.actions.register(`single-${scene.number}`) },
  { name: "rename", run: (scene) => scene.actions.rename(people(scene).other, `renamed-${scene.number}`) },
  { name: "change the token", run: (scene) => scene.actions.changeToken(people(scene).other) },
  { name: "change both", run: (scene) => scene.actions.changeBoth(people(scene).other, `both-${scene.number}`) },
  {
    name: "leave",
    async prepare(scene) {
      scene.leaving = await scene.actions.register(`leaving-${scene.number}`);
    },
    run: (scene) => scene.actions.leave(`leaving-${scene.number}`, scene.leaving),
  },
  { name: "begin a file", run: publishUntilFileBegins },
  {
    name: "compact",
    async prepare(scene) {
      for (let i = 0; i < 5; i++) await publish(scene);
      await scene.actions.remove(people(scene).other, await publish(scene));
    },
    async run(scene) {
      const failed = await compact(scene);
      // A line appended to a file that has just been compacted, or nearly, must be as safe as any other.
      await publish(scene);
      if (failed !== undefined) throw failed;
    },
  },
];

async function compact({ root, isAlive }: Scene): Promise<Unanswered | undefined> {
  try {
    const answer = await askServer(new Paths(root), "compact", isAlive);
    return answer === undefined ? new Unanswered("The server is gone") : undefined;
  } catch (error) {
    return new Unanswered("It did not compact", undefined, { cause: error });
  }
}

async function publishUntilFileBegins(scene: Scene): Promise<void> {
  const newest = async () => Math.max(...journalNumbersIn(await readdir(new Paths(scene.root).messages)));
  const before = await newest();
  while ((await newest()) === before) {
    scene.before = scene.ledger.copy();
    await publish(scene);
  }
}
