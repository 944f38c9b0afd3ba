/**
 * Tests the cases that kill the server in the middle of requests, against a server in memory: what it loses or does twice
 * is found, and what it may lose is not.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Case, Send } from "../case.ts";
import { type Exchange, NoReply, type NotRestarted, type Reply, type SentRequest } from "../exchange/exchange.ts";
import { runCase } from "../run-case.ts";

interface Bugs {
  /** Writes to the disk this much later than it answers. */
  writesLater?: number;
  forgetsKeys?: true;
  beginsIdsAgain?: true;
  /** Breaks off the request with this number. */
  breaksOffAt?: number;
  doesNotStart?: true;
}

interface Row {
  table: "users" | "messages";
  row: Record<string, unknown>;
}

/** Users and messages in memory. A restart leaves what is on the "disk". */
class FakeServer {
  kills = 0;
  #disk: Row[] = [];
  #rows: Row[] = [];
  #lastId = 0;
  #requests = 0;
  readonly #bugs: Bugs;

  constructor(bugs: Bugs) {
    this.#bugs = bugs;
  }

  readonly exchange: Exchange = {
    send: async (request) => {
      const kills = this.kills;
      await setTimeout(Math.random() * 2);
      if (++this.#requests === this.#bugs.breaksOffAt) throw new NoReply("The server closed the connection.");
      this.#mustLive(kills);
      const [status, body] = this.#answer(request);
      await setTimeout(Math.random() * 2);
      this.#mustLive(kills);
      return { status, headers: {}, text: JSON.stringify(body), milliseconds: 1 } satisfies Reply;
    },
    open: () => assert.fail("no case here listens"),
  };

  readonly restart = async (): Promise<NotRestarted | undefined> => {
    this.kills++;
    this.#rows = [...this.#disk];
    if (this.#bugs.beginsIdsAgain === true) this.#lastId = 0;
    await setTimeout(5);
    if (this.#bugs.doesNotStart !== true) return undefined;
    const process = { isRunning: false, exitCode: 1, lastLines: [], isListening: false };
    return { why: "ended", sentence: "Your server ended before it listened", process };
  };

  #mustLive(kills: number): void {
    if (kills !== this.kills) throw new NoReply("The server closed the connection without an answer.");
  }

  #answer({ method, url, body = "", headers }: SentRequest): [status: number, body: object] {
    const call = `${method} ${new URL(url).pathname.split("/").at(-1)}`;
    const { userHandle, myId, message } = body === "" ? {} : JSON.parse(body);
    const users = this.#table("users");
    if (call === "POST register") {
      if (users.some((user) => user.userHandle === userHandle)) return [409, {}];
      const user = { userHandle, userId: ++this.#lastId, authToken: "0123456789abcdef" };
      this.#store({ table: "users", row: user });
      return [200, user];
    }
    const owner = users.find((user) => user.userHandle === userHandle);
    if (call === "GET register") {
      if (!users.some(({ userId }) => userId === myId)) return [401, {}];
      return owner === undefined ? [404, {}] : [200, { userId: owner.userId }];
    }
    if (call === "GET chat") {
      const [, id] = /^Basic (.*)$/.exec(headers.authorization ?? "") ?? [];
      const me = Number(atob(id ?? "").split(":")[0]);
      const after = Number(new URL(url).searchParams.get("after"));
      const found = this.#table("messages").filter(({ toId, messageId }) => toId === me && Number(messageId) > after);
      return [200, { myId: me, messages: found.slice(0, 200) }];
    }
    const key = headers["idempotency-key"];
    const earlier = this.#table("messages").find((each) => key !== undefined && each.key === key);
    if (earlier !== undefined && this.#bugs.forgetsKeys !== true) return [200, { ...earlier, userId: earlier.toId }];
    const from = users.find(({ userId }) => userId === myId);
    const row = {
      ...{ messageId: ++this.#lastId, message, key, sentAt: new Date().toISOString() },
      ...{ fromId: myId, fromHandle: from?.userHandle, toId: owner?.userId, toHandle: userHandle },
    };
    this.#store({ table: "messages", row });
    return [200, { ...row, userId: owner?.userId }];
  }

  #table(name: Row["table"]): Record<string, unknown>[] {
    return this.#rows.filter(({ table }) => table === name).map(({ row }) => row);
  }

  #store(row: Row): void {
    this.#rows.push(row);
    const { kills } = this;
    if (this.#bugs.writesLater === undefined) this.#disk.push(row);
    else setTimeout(this.#bugs.writesLater).then(() => kills === this.kills && this.#disk.push(row));
  }
}

const KILLS = 2;
const EMPTY = { id: "case", title: "", steps: [], hint: "" };
const post: Send = {
  send: "POST /api/v1/chat",
  as: "ada",
  body: { userHandle: "{ada.userHandle}", message: "number {n}" },
  headers: { "idempotency-key": "{new}-{n}" },
};
const sending: Case = {
  ...EMPTY,
  users: ["ada"],
  do: [{ underFire: [post], times: 60, kills: KILLS }, { queues: ["ada"] }],
};
const register: Send = { send: "POST /api/v1/register", body: { secret: "{secret}", userHandle: "{new}-{n}" } };
const registering: Case = { ...EMPTY, do: [{ underFire: [register], times: 60, kills: KILLS }, { known: true }] };

async function run(each: Case, bugs: Bugs = {}, profile: "full" | "seed" = "full") {
  const server = new FakeServer(bugs);
  const { exchange, restart } = server;
  const surroundings = { url: "http://127.0.0.1:8000", secret: "s", profile, patienceMilliseconds: 1000 };
  const failure = await runCase(each, { ...surroundings, exchange, restart });
  return { kills: server.kills, failure, mistake: failure?.mistakes[0] };
}

test("a server that writes before it answers passes, and it was killed as often as the case says", async () => {
  for (const each of [sending, registering]) {
    const { kills, mistake } = await run(each);
    assert.equal(mistake, undefined);
    assert.equal(kills, KILLS);
  }
});

test("a server that answers first and writes later is caught", async () => {
  assert.match(
    (await run(sending, { writesLater: 20 })).mistake ?? "",
    /messages that got a 200 (is|are) missing|its retry with the same key became/,
  );
  assert.match(
    (await run(registering, { writesLater: 20 })).mistake ?? "",
    /the status should be 200, but it is 40[14]/,
  );
});

test("a retry that makes a second message is caught", async () => {
  assert.match((await run(sending, { forgetsKeys: true })).mistake ?? "", /was sent again with its Idempotency-Key/);
});

test("ids that begin again after a kill are caught", async () => {
  const profiles = ["full", "seed"] as const;
  for (const profile of profiles) {
    const { failure } = await run(registering, { beginsIdsAgain: true }, profile);
    assert.ok(
      failure?.mistakes.some((mistake) => /got the same id/.test(mistake)),
      failure?.mistakes.join(),
    );
  }
});

test("no reply while the server runs, and a server that does not start again, are failures", async () => {
  assert.match((await run(sending, { breaksOffAt: 8 })).mistake ?? "", /closed the connection/);
  const { failure, kills } = await run(sending, { doesNotStart: true });
  assert.equal(failure?.noReply, "unreachable");
  assert.deepEqual([failure?.mistakes, kills], [["Your server ended before it listened"], 1]);
});
