/**
 * Runs one case: registers its users, does its actions in order, and stops at the first that goes wrong. On the way it
 * collects what the report needs to explain a failure. run-check.ts calls it.
 */
import { sendAtOnce } from "./actions/at-once.ts";
import { mustBeKnown } from "./actions/known-users.ts";
import { mustBePrompt } from "./actions/promptly.ts";
import { queuesMustBeRight } from "./actions/queues.ts";
import { Sender } from "./actions/sender.ts";
import { leaveHalfALine } from "./actions/tear.ts";
import { keepUnderFire } from "./actions/under-fire.ts";
import type { Action, Case, Finish, Hear, Send } from "./case.ts";
import { NoReply, type Reply, type SentRequest, type Torn } from "./exchange/exchange.ts";
import { OpenStreams } from "./exchange/open-streams.ts";
import { expectedUnder } from "./match/expectation.ts";
import { chance, keepUser } from "./match/values.ts";
import { CaseFailed, type Failure } from "./report/failure.ts";
import type { Surroundings } from "./surroundings.ts";

export type { Surroundings };

/** @returns the failure, or undefined if the case passed. */
export async function runCase(each: Case, surroundings: Surroundings): Promise<Failure | undefined> {
  const run = new CaseRun(surroundings);
  try {
    for (const name of each.users ?? []) await run.register(name);
    for (const action of each.do) await run.act(action);
    return undefined;
  } catch (error) {
    if (error instanceof CaseFailed) return { ...error.failure, before: run.sender.before };
    throw error;
  } finally {
    run.close();
  }
}

/** A request that was sent, and the reply that may not have come yet. */
interface Begun {
  request: SentRequest;
  reply: Promise<Reply | NoReply>;
}

class CaseRun {
  readonly sender: Sender;
  readonly #surroundings: Surroundings;
  readonly #begun = new Map<string, Begun[]>();
  readonly #streams: OpenStreams;

  #keepsConnection = false;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.sender = new Sender(surroundings);
    this.#streams = new OpenStreams(surroundings.exchange, surroundings.patienceMilliseconds);
  }

  async register(name: string): Promise<void> {
    const userHandle = `${name}-${chance()}`;
    const body = { secret: "{secret}", userHandle };
    const expect = { status: 200, body: { userId: "<id>", authToken: "<token>" } };
    const reply = await this.sender.send({ send: "POST /api/v1/register", body, expect });
    const { userId, authToken } = JSON.parse(reply.text) as { userId: number; authToken: string };
    keepUser(this.sender.values, name, { userId, authToken, userHandle });
  }

  async act(action: Action): Promise<void> {
    if ("send" in action) {
      this.#keepsConnection ||= action.headers?.connection === "keep-alive";
      for (let n = 1; n <= (action.times ?? 1); n++) {
        this.sender.values.n = n;
        await this.sender.send(action);
      }
    } else if ("atOnce" in action) await sendAtOnce(action, this.sender);
    else if ("underFire" in action) await keepUnderFire(action, this.sender, () => this.#restart());
    else if ("queues" in action) await queuesMustBeRight(action, this.sender);
    else if ("known" in action) await mustBeKnown(this.sender);
    else if ("begin" in action) await this.#begin(action.begin, action.request);
    else if ("finish" in action) await this.#finish(action);
    else if ("meanwhile" in action) await this.#meanwhile(action.meanwhile);
    else if ("listen" in action) await this.#listenTimes(action.listen, action.request);
    else if ("hear" in action) await this.#hear(action);
    else if ("ends" in action) await this.#streams.mustEnd(action.ends);
    else if ("tear" in action) {
      const restart = (whileStopped: () => Promise<void>, torn: () => Torn | undefined) =>
        this.#restart(whileStopped, torn);
      await leaveHalfALine(action, this.sender, this.#surroundings.files, restart);
    } else if ("promptly" in action) {
      await mustBePrompt(action, this.sender, (event) => this.#hear(event));
    } else await this.#restart();
  }

  close(): void {
    this.#streams.close();
    // A server that handles one connection at a time answers nobody else before this one is closed.
    if (this.#keepsConnection) this.#surroundings.exchange.endKept?.(this.#surroundings.url);
  }

  async #begin(name: string, action: Send): Promise<void> {
    const begun: Begun[] = [];
    this.#begun.set(name, begun);
    for (const { request } of this.sender.planned([action], action.times ?? 1)) {
      begun.push({ request, reply: this.sender.attempt(request) });
      // A simple server's queue for new connections is short.
      if (action.times !== undefined) await new Promise((resolve) => setTimeout(resolve));
    }
  }

  async #finish({ finish, first, expect }: Finish): Promise<void> {
    const begun = this.#begun.get(finish) ?? notBegun(finish);
    const firstToCome = () => Promise.race(begun.map((each) => each.reply.then(() => each)));
    const wanted = first === true ? [await firstToCome()] : begun;
    this.#begun.set(
      finish,
      begun.filter((each) => !wanted.includes(each)),
    );
    const expected = expectedUnder(this.#surroundings.profile, expect);
    for (const { request, reply } of wanted) {
      const came = await reply;
      if (came instanceof NoReply) throw this.sender.noReply(request, expected, came);
      this.sender.hold(request, came, expected);
    }
  }

  async #meanwhile(name: string): Promise<void> {
    let isThere = false;
    const end = () => {
      isThere = true;
    };
    for (const { reply } of this.#begun.get(name) ?? notBegun(name)) reply.then(end, end);
    await this.#surroundings.meanwhile?.(() => isThere);
  }

  async #listenTimes(name: string, action: Send): Promise<void> {
    if (action.times === undefined) return this.#listen(name, action);
    for (let n = 1; n <= action.times; n++) await this.#listen(`${name} ${n}`, action);
  }

  async #listen(name: string, action: Send): Promise<void> {
    const request = this.sender.request(action);
    try {
      await this.#streams.open(name, request);
    } catch (error) {
      if (error instanceof NoReply) throw this.sender.noReply(request, {}, error);
      throw error;
    }
    this.sender.before.push({ request });
  }

  /** @returns the request of the stream. */
  async #hear(action: Hear): Promise<SentRequest> {
    const id = await this.#streams.hear(action, this.sender.values);
    if (action.keepId !== undefined) this.sender.values[action.keepId] = id;
    return this.#streams.requestOf(action.hear);
  }

  /** @param torn the file that has half a line at its end since then. */
  async #restart(whileStopped?: () => Promise<void>, torn: () => Torn | undefined = () => undefined): Promise<void> {
    if (this.#surroundings.restart === undefined) throw new Error("There is no command to start the server");
    const problem = await this.#surroundings.restart(whileStopped);
    const name = torn()?.name;
    if (problem === undefined) {
      this.sender.before.push(name === undefined ? "restart" : { torn: name });
      return;
    }
    const { why: notRestarted, sentence, process } = problem;
    const half = name === undefined ? {} : { torn: name };
    const expected = "a server that answers again after a kill";
    throw new CaseFailed({ mistakes: [sentence], expected, notRestarted, process, ...half }, "unreachable");
  }
}

function notBegun(name: string): never {
  throw new Error(`The case has not begun a request called ${name}`);
}
