/**
 * Changes the journal's files by hand while the server runs, idle and under load, during compactions and backups. What
 * got a 200 must stay, unless its own line was taken out. The server must say what it found, and no id may come back.
 */
import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { writeBackup } from "../../server/store/backup/backup.ts";
import { askServer } from "../../server/store/backup/control-files.ts";
import { stageRestore } from "../../server/store/backup/restore.ts";
import { isCode } from "../../server/store/error-code.ts";
import { journalNumbersIn, Paths } from "../../server/store/files/paths.ts";
import type { Ending } from "../../testing/at-end.ts";
import { type RunningServer, startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { Actions, type Stopping } from "../load/actions.ts";
import { gather, work } from "../load/crowd.ts";
import { assertOrderly, type Client, Ledger } from "../load/ledger.ts";
import type { Proof } from "../proof.ts";
import { takeOut, WAYS, type Way } from "./ways.ts";

const ROUNDS = { quick: 1, whole: 8 };
const CLIENTS = { quick: 4, whole: 16 };
/** Small files, so that there are always older ones, and changes by hand meet rotation and compaction. */
const SMALL_FILES = { PLAINCHAT_MAX_FILE_BYTES: String(32 * 1024) };
/** What the server keeps in memory to put lines back from. */
const MEMORY_BYTES = 8 * 1024 * 1024;
const LOAD_MILLISECONDS = 80;
const REPEATS = 4;
/** What was written less than a second before a program reads the file counts as unseen. */
const UNTIL_SEEN_MILLISECONDS = 1200;

export const handEdits: Proof = {
  name: "hand-edits",
  promise: "what got a 200 stays, whatever an editor does to the journal while the server runs; nothing goes unsaid",
  async prove({ size, ending, log }) {
    const trial = new Trial(ending, await temporaryFolder(ending), CLIENTS[size]);
    await trial.begin();
    const moments = [
      { load: false, beside: "nothing" },
      { load: true, beside: "nothing" },
      { load: true, beside: "compaction" },
      { load: true, beside: "backup" },
    ] as const;
    let trials = 0;
    for (let round = 0; round < ROUNDS[size]; round++) {
      for (const [i, way] of WAYS.entries()) {
        // upkeep/hand-edits.test.ts tries each way, too.
        if (size === "quick" && i % 3 !== 0) continue;
        const moment = moments[(i + round) % moments.length] ?? moments[0];
        const both = ["newest", "older"] as const;
        for (const which of size === "quick" ? both.slice(i % 2, (i % 2) + 1) : both) {
          await trial.change(way, { ...moment, which, times: round % 2 === 0 ? 1 : REPEATS });
          trials++;
        }
      }
      for (const { load } of moments.slice(0, 2)) await trial.takeOut(load);
      await trial.restart(round % 2 === 0 ? "SIGKILL" : "SIGTERM");
      log(`${trials} changes, ${trial.ledger.acknowledged} acknowledged`);
    }
    await trial.takeOutWhileStopped();
    await trial.restore();
    await trial.end();
    const { takenOut, cameBack, tooOld, ledger } = trial;
    const old = `${tooOld} older than ${MEMORY_BYTES >> 20} MiB were written over, and that was said`;
    return `${trials} changes and ${takenOut} lines taken out (${cameBack} came back, in doubt), ${ledger.acknowledged} acknowledged: 0 lost (${old}), 0 silent, 0 ids again`;
  },
};

interface Moment {
  load: boolean;
  beside: "nothing" | "compaction" | "backup";
  which: "newest" | "older";
  times: number;
}

class Trial {
  readonly ledger = new Ledger();
  takenOut = 0;
  cameBack = 0;
  /** How many messages were written over that were older than what the server keeps in memory. */
  tooOld = 0;
  #mostBytes = 0;
  readonly #saidToBeLost = new Set<string>();
  readonly #ending: Ending;
  readonly #root: string;
  readonly #paths: Paths;
  readonly #clients: number;
  #server: RunningServer | undefined;
  #backups = 0;

  constructor(ending: Ending, root: string, clients: number) {
    this.#clients = clients;
    this.#ending = ending;
    this.#root = join(root, "data");
    this.#paths = new Paths(this.#root);
  }

  async begin(): Promise<void> {
    this.#server = await startServer(this.#ending, this.#root, SMALL_FILES);
    await gather(this.#actions({ now: false }), this.#clients);
    await this.#underLoad(async () => setTimeout(5 * LOAD_MILLISECONDS));
  }

  /** Changes a file in some way, and compares. */
  async change(way: Way, { load, beside, which, times }: Moment): Promise<void> {
    const said = this.#running.output().length;
    const changed: string[] = [];
    const changeIt = async () => {
      for (let time = 0; time < times; time++) {
        const files = await this.#files();
        const file = which === "newest" ? files.at(-1) : files[Math.floor(Math.random() * (files.length - 1))];
        // A file may have been compacted away a moment ago, and a folder may be being made again.
        if (file !== undefined && (await unlessGone(way.change(file)))) changed.push(file);
        await setTimeout(LOAD_MILLISECONDS);
      }
    };
    const besides = beside === "compaction" ? this.#compact() : beside === "backup" ? this.#backUp() : undefined;
    await (load ? this.#underLoad(changeIt) : changeIt());
    await besides;
    await this.#compare(`${way.name}, ${which} file, ${load ? "under load" : "idle"}, beside ${beside}`);
    // A file that compaction has removed since, because it held only garbage, is not looked at any more.
    const there = await this.#files();
    if (!changed.some((file) => there.includes(file)) || way.mayChangeNothing === true) return;
    const sentences = this.#running.output().slice(said);
    assert.match(
      sentences,
      /was changed by hand|was removed or moved|does not belong/,
      `nothing was said about: ${way.name}`,
    );
  }

  /** Takes the line of a message out. Nothing else may go with it. */
  async takeOut(load: boolean): Promise<void> {
    const [from, to] = this.#twoClients();
    const messageId = await this.#actions({ now: false }).publish(from, to);
    await setTimeout(UNTIL_SEEN_MILLISECONDS);
    const take = async () => unlessGone(takeOut(await this.#files(), messageId));
    const said = this.#running.output().length;
    await (load ? this.#underLoad(take) : take());
    await this.#ask("look");
    const message = this.ledger.messages.get(messageId);
    assert.ok(message !== undefined);
    // The server may have written the file again a moment before sed read it. Then nobody knows, it comes back, and that
    // is said.
    const isInDoubt = /put back, because nobody knows/.test(this.#running.output().slice(said));
    message.state = load || isInDoubt ? "either" : "gone";
    await this.#compare(`message ${messageId} taken out ${load ? "under load" : "idle"}`);
    this.takenOut++;
    if (message.texts.size > 0) this.cameBack++;
  }

  /** Takes out the newest lines while nobody watches. No id may come back. */
  async takeOutWhileStopped(): Promise<void> {
    const [from, to] = this.#twoClients();
    const messageId = await this.#actions({ now: false }).publish(from, to);
    await this.#running.stop("SIGKILL");
    await takeOut(await this.#files(), messageId);
    this.#server = await startServer(this.#ending, this.#root, SMALL_FILES);
    assert.match(this.#running.output(), /newest lines of the journal were taken out/);
    this.ledger.messages.delete(messageId);
    const next = await this.#actions({ now: false }).publish(from, to);
    assert.ok(next > messageId, `message id ${messageId} was given out again as ${next}`);
    await this.#compare("taken out while stopped");
  }

  /** Changes files all the time while a backup replaces the data. */
  async restore(): Promise<void> {
    const file = await this.#backUp();
    await stageRestore(this.#root, file, new Date(), () => {});
    let isDone = false;
    const restored = this.#ask("restore").then(() => {
      isDone = true;
    });
    while (!isDone) {
      for (const way of WAYS.slice(0, 4)) {
        const file = (await this.#files()).at(-1);
        if (file !== undefined) await unlessGone(way.change(file));
      }
    }
    await restored;
    await this.#compare("after a restore");
  }

  async restart(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    await this.#running.stop(signal);
    this.#server = await startServer(this.#ending, this.#root, SMALL_FILES);
    await this.#compare(`after ${signal}`);
  }

  async end(): Promise<void> {
    assert.equal(await this.#running.stop("SIGTERM"), 0);
    await assertOrderly(this.#root);
  }

  get #running(): RunningServer {
    assert.ok(this.#server !== undefined);
    return this.#server;
  }

  #actions(stopping: Stopping): Actions {
    return new Actions(this.#running, this.ledger, stopping);
  }

  #twoClients(): [Client, Client] {
    const [from, to] = this.ledger.clients.filter(({ isSteady }) => isSteady);
    assert.ok(from !== undefined && to !== undefined);
    return [from, to];
  }

  async #files(): Promise<string[]> {
    try {
      return journalNumbersIn(await readdir(this.#paths.messages)).map((number) => this.#paths.journalFile(number));
    } catch (error) {
      if (isCode(error, "ENOENT")) return [];
      throw error;
    }
  }

  async #ask(what: "look" | "compact" | "restore"): Promise<void> {
    const { process: server } = this.#running;
    const isAlive = () => server.exitCode === null && server.signalCode === null;
    assert.notEqual(await askServer(this.#paths, what, isAlive), undefined, "the server has ended");
  }

  /** A compaction fails if somebody changes the file that it is writing again. */
  async #compact(): Promise<void> {
    await this.#ask("compact").catch(() => {});
  }

  /** Makes a backup, which must be good or say that the files changed under it. @returns its path. */
  async #backUp(): Promise<string> {
    const file = join(this.#root, "..", `backup-${++this.#backups}.tar.gz`);
    for (let attempt = 1; ; attempt++) {
      try {
        // As `plainchat backup` does: the server puts right first what it has not seen yet.
        await this.#ask("look");
        await writeBackup(this.#root, file, () => {});
        return file;
      } catch (error) {
        if (attempt === 50) throw error;
        await setTimeout(LOAD_MILLISECONDS);
      }
    }
  }

  async #underLoad(change: () => Promise<unknown>): Promise<void> {
    const stopping: Stopping = { now: false };
    const actions = this.#actions(stopping);
    const working = Promise.all(this.ledger.clients.map((client) => work(actions, this.ledger, client, stopping)));
    working.catch(() => {});
    await setTimeout(LOAD_MILLISECONDS);
    await change();
    await setTimeout(LOAD_MILLISECONDS);
    stopping.now = true;
    await this.#explained(() => working, "under load");
  }

  async #compare(when: string): Promise<void> {
    await this.#ask("look");
    await this.#allowTooOld();
    await this.#explained(() => this.ledger.compare(this.#running, this.#root, { mayBeAside: true }), when);
  }

  /**
   * Whoever writes over a part of the journal that is not in memory any more loses what was there. The server must say
   * of which messages, and may do so only when the journal was longer than its memory.
   */
  async #allowTooOld(): Promise<void> {
    const sizes = await Promise.all((await this.#files()).map((file) => sizeOf(file)));
    this.#mostBytes = Math.max(
      this.#mostBytes,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    for (const [, ids = "", file = ""] of this.#running.output().matchAll(SAID_TO_BE_LOST)) {
      if (this.#saidToBeLost.has(`${file}: ${ids}`)) continue;
      this.#saidToBeLost.add(`${file}: ${ids}`);
      assert.ok(this.#mostBytes > MEMORY_BYTES, `messages ${ids} of ${file} were in memory, and are lost`);
      for (const id of ids.split(",").map(Number)) {
        const message = this.ledger.messages.get(id);
        if (message !== undefined) message.state = "gone";
        this.tooOld++;
      }
    }
  }

  /** If `work` fails, the error says what the server printed last. */
  async #explained(work: () => Promise<unknown>, when: string): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new Error(
        `${when}: ${error instanceof Error ? error.message : error}\n${this.#running.output().slice(-4000)}`,
        {
          cause: error,
        },
      );
    }
  }
}

/** In the log: the ids of messages, and the file. */
const SAID_TO_BE_LOST = /"lost":\[([\d,]+)\],"event":"messages\/(\d+)\.jsonl/g;

/** A file may have been compacted away a moment ago. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

/** Waits for a change by hand. @returns whether it was done: what is not there any more cannot be changed. */
async function unlessGone(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    const sedFoundNothing = error instanceof Error && /No such file/.test(error.message);
    if (!isCode(error, "ENOENT", "ENOTEMPTY") && !sedFoundNothing) throw error;
    return false;
  }
}
