/**
 * Every server on a database is replaced by a new one, one after the other, while clients that use our client library
 * publish, read, edit, remove and listen through a splitter. No call may fail, and no listener may miss an event or get
 * one twice.
 */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import type { RunningServer } from "../../testing/start-server.ts";
import type { Proof } from "../proof.ts";
import { startCluster, startServerOn, startServers } from "./cluster.ts";
import { startSplitter } from "./splitter.ts";

/** Each of the two servers at least once: a stream is at one of them. */
const RESTARTS = { quick: 2, whole: 30 };
const PAIRS = { quick: 2, whole: 16 };
const BETWEEN_MILLISECONDS = 300;
/** How long a listener may take to get what it has missed. */
const PATIENCE_MILLISECONDS = 30_000;

export const rollingRestart: Proof = {
  name: "rolling-restart",
  promise: "when all servers on a database are replaced one by one, no call of our client library fails",
  async prove({ size, ending, log }) {
    const cluster = await startCluster(ending);
    const address = await cluster.create();
    const servers = await startServers(ending, address, 2);
    const splitter = await startSplitter(
      ending,
      servers.map(({ origin }) => origin),
    );
    const [{ secret }] = servers as [RunningServer];
    let isOver = false;
    const pairs = await Promise.all(
      Array.from({ length: PAIRS[size] }, (_, i) => Pair.make(splitter.origin, secret, i, () => isOver)),
    );
    const working = Promise.all(pairs.map((pair) => pair.work()));
    working.catch(() => {
      isOver = true;
    });
    for (let restart = 0; restart < RESTARTS[size] && !isOver; restart++) {
      await setTimeout(BETWEEN_MILLISECONDS);
      const old = servers[restart % 2] as RunningServer;
      assert.equal(await old.stop("SIGTERM"), 0);
      const fresh = await startServerOn(ending, address);
      servers[restart % 2] = fresh;
      splitter.targets = servers.map(({ origin }) => origin);
      if (restart % 10 === 9) log(`${restart + 1} restarts`);
    }
    await setTimeout(BETWEEN_MILLISECONDS);
    isOver = true;
    await working;
    await Promise.all(pairs.map((pair) => pair.compare()));
    const sum = (count: (pair: Pair) => number) => pairs.reduce((all, pair) => all + count(pair), 0);
    const calls = sum((pair) => pair.calls);
    assert.ok(calls > RESTARTS[size] * PAIRS[size], "the clients got enough done");
    assert.ok(sum((pair) => pair.reconnections) > 0, "their streams were ended");
    return (
      `${RESTARTS[size]} restarts, ${calls.toLocaleString("en")} calls: 0 failed; streams resumed ` +
      `${sum((pair) => pair.reconnections)} times: 0 of ${sum((pair) => pair.sent.size).toLocaleString("en")} messages missed or told twice`
    );
  },
};

/** One client that sends, and another one that listens. */
class Pair {
  calls = 0;
  reconnections = 0;
  /** The text of each message that was not removed. */
  readonly sent = new Map<number, string>();
  readonly #heard = new Map<number, string>();
  readonly #faults: string[] = [];
  readonly #sender: PlainchatClient;
  readonly #listener: PlainchatClient;
  readonly #name: string;
  readonly #isOver: () => boolean;
  readonly #stop = new AbortController();
  #listening: Promise<void> = Promise.resolve();

  private constructor(url: string, number: number, isOver: () => boolean) {
    this.#sender = new PlainchatClient(url);
    this.#listener = new PlainchatClient(url);
    this.#name = `listener-${number}`;
    this.#isOver = isOver;
  }

  static async make(url: string, secret: string, number: number, isOver: () => boolean): Promise<Pair> {
    const pair = new Pair(url, number, isOver);
    await pair.#sender.registerUser({ secret, userHandle: `sender-${number}` });
    await pair.#listener.registerUser({ secret, userHandle: pair.#name });
    pair.#listening = pair.#listen();
    return pair;
  }

  async work(): Promise<void> {
    for (let i = 0; !this.#isOver(); i++) {
      const message = `message ${i}`;
      const { messageId } = await this.#sender.publishMessage({ userHandle: this.#name, message });
      this.sent.set(messageId, message);
      if (i % 5 === 1) {
        await this.#sender.editMessage({ messageId, message: `${message}, edited` });
        this.sent.set(messageId, `${message}, edited`);
        this.calls++;
      }
      if (i % 5 === 3) {
        await this.#listener.removeMessage({ messageId });
        this.sent.delete(messageId);
        this.calls++;
      }
      const { messages } = await this.#listener.fetchQueue({ after: messageId - 1, limit: 1 });
      const isThere = messages[0]?.messageId === messageId;
      if (isThere !== this.sent.has(messageId))
        this.#faults.push(`message ${messageId} is ${isThere ? "" : "not "}there`);
      await this.#sender.lookUpUser({ userHandle: this.#name });
      this.calls += 3;
    }
  }

  /** Waits until the listener has got everything. */
  async compare(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MILLISECONDS;
    const missed = () => [...this.sent].filter(([id, text]) => this.#heard.get(id) !== text);
    while (missed().length > 0 && Date.now() < deadline) await setTimeout(20);
    assert.deepEqual(missed(), [], `${this.#name} missed messages`);
    this.#stop.abort();
    await this.#listening;
    assert.deepEqual(this.#faults, []);
    assert.deepEqual(new Set(this.#heard.keys()), new Set(this.sent.keys()));
  }

  async #listen(): Promise<void> {
    const onConnection = (state: "open" | "lost") => {
      if (state === "lost") this.reconnections++;
    };
    let last = 0;
    const told = new Set<number>();
    for await (const event of this.#listener.listen({ after: 0, signal: this.#stop.signal, onConnection })) {
      if (event.type === "reset") this.#faults.push(`${this.#name} got a reset`);
      if (event.type !== "message" && event.type !== "edit" && event.type !== "delete") continue;
      if ((event.eventId ?? last + 1) <= last)
        this.#faults.push(`${this.#name} got event ${event.eventId} after ${last}`);
      last = event.eventId ?? last;
      if (event.type === "delete") {
        this.#heard.delete(event.messageId);
        continue;
      }
      const { messageId, message } = event.message;
      if (event.type === "message" && told.has(messageId)) this.#faults.push(`message ${messageId} was told twice`);
      told.add(messageId);
      this.#heard.set(messageId, message);
    }
  }
}
