/**
 * Strange requests, made from a seed, are sent to a server on files and to one on PostgreSQL, one at a time. Both must
 * give the same replies. The whole proof also blows a storm at the server on PostgreSQL, as hostile-input.ts does.
 */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ending } from "../../testing/at-end.ts";
import { type RunningServer, startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { prepareCast, type Stage } from "../hostile/cast.ts";
import { blowAtServer } from "../hostile/hostile-input.ts";
import { Lane } from "../hostile/lane.ts";
import type { RawReply } from "../hostile/reply-reader.ts";
import { type HostileRequest, hostileRequest } from "../hostile/requests/hostile-request.ts";
import { Random, seedOfRun } from "../hostile/requests/random.ts";
import type { Proof } from "../proof.ts";
import { startCluster, startServerOn } from "./cluster.ts";

const COMPARED = { quick: 400, whole: 20_000 };
const STORM = 30_000;
/** One address may send 300 wrong tokens in a minute. Then another address goes on. */
const REQUESTS_OF_ADDRESS = 250;
/** What is about one server, whatever its data are in: figures, and what its store did for a request. */
const OWN = /metrics|explain/i;

export const hostileOnDatabase: Proof = {
  name: "hostile-on-database",
  promise: "strange requests get the same replies from PostgreSQL as from files, and never a 500",
  async prove({ size, ending, log }) {
    const seed = seedOfRun();
    log(`PLAINCHAT_SEED=${seed}`);
    const cluster = await startCluster(ending);
    const root = await temporaryFolder(ending);
    const address = await cluster.create();
    const onDatabase = await startServerOn(ending, address);
    await mkdir(join(root, "users"), { recursive: true });
    // Some replies say at which character a request is wrong.
    await writeFile(join(root, "users", "secret.dat"), onDatabase.secret);
    const files = await Side.of(await startServer(ending, root), root, seed, ending);
    const database = await Side.of(onDatabase, address, seed, ending);
    let same = 0;
    for (let turn = 0; turn < COMPARED[size]; turn++) {
      const [one, other] = [await files.send(turn), await database.send(turn)];
      if (one === undefined || other === undefined) continue;
      assert.equal(other, one, `seed ${seed}, turn ${turn}: ${database.lastRequest}`);
      same++;
    }
    assert.ok(same > COMPARED[size] / 3, `only ${same} replies were compared`);
    const figure = `${same.toLocaleString("en")} replies are the same as from files (seed ${seed})`;
    if (size === "quick") return figure;

    const stormed = await cluster.create();
    const environment = { PLAINCHAT_STORE: stormed };
    const blow = { seed, requests: STORM, ending, log, root: stormed, environment };
    const { calm, messages, memory } = await blowAtServer(blow);
    return (
      `${figure}; ${calm.requests.toLocaleString("en")} more at once: 0 answered 500, 0 crashes, ` +
      `${messages.toLocaleString("en")} acknowledged messages all there; ${memory}`
    );
  },
};

/** One of the two servers, and what is sent to it. */
class Side {
  lastRequest = "";
  readonly #port: number;
  readonly #hidden: string;
  readonly #stage: Stage;
  readonly #random: Random;
  #lane: Lane;

  private constructor(port: number, hidden: string, stage: Stage, seed: number) {
    this.#port = port;
    this.#hidden = hidden;
    this.#stage = stage;
    this.#random = new Random(seed);
    this.#lane = this.#laneAt(0);
  }

  static async of({ origin, secret }: RunningServer, hidden: string, seed: number, ending: Ending): Promise<Side> {
    const stage = await prepareCast({ origin, secret });
    const side = new Side(Number(new URL(origin).port), hidden, stage, seed);
    ending.after(async () => side.#lane.close());
    return side;
  }

  /** @returns the reply without what differs from server to server, or undefined if there is nothing to compare. */
  async send(turn: number): Promise<string | undefined> {
    if (turn % REQUESTS_OF_ADDRESS === 0) this.#lane = this.#laneAt(turn / REQUESTS_OF_ADDRESS);
    const { cast, ledger } = this.#stage;
    const made = hostileRequest(this.#random, cast, turn);
    // Nobody else sends a message that would end the wait.
    const request = { ...made, mayLast: made.mayLast || (made.method !== "POST" && made.target.includes("chat")) };
    this.lastRequest = JSON.stringify(request.bytes.toString("latin1").slice(0, 600));
    const { replies } = await this.#lane.exchange([request]);
    const [reply] = replies;
    if (reply !== undefined && /^connection: close/im.test(reply.head)) this.#lane.close();
    ledger.note(request, reply);
    return reply === undefined || made.mayLast ? undefined : this.#plain(request, reply);
  }

  #plain({ target }: HostileRequest, { status, head, body }: RawReply): string {
    const type = /^content-type: .*$/im.exec(head)?.[0];
    if (OWN.test(target)) return `${status} ${type}`;
    const text = body
      .toString()
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
      .replaceAll(/"authToken":"[^"]*"/g, '"authToken":"TOKEN"')
      .replaceAll(String(this.#port), "PORT");
    return `${status} ${type} ${text}`;
  }

  #laneAt(number: number): Lane {
    this.#lane?.close();
    const localAddress = process.platform === "linux" ? `127.0.1.${1 + (number % 200)}` : undefined;
    return new Lane(this.#port, { hidden: this.#hidden, localAddress });
  }
}
