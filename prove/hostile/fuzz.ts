/**
 * The storm: many hostile requests made from a seed, over several connections at once. Each lane has its own random
 * numbers, so the same seed makes the same requests again, whatever the other lanes do.
 */
import { Lane } from "./lane.ts";
import type { Ledger } from "./ledger.ts";
import type { Cast, Person } from "./requests/calls.ts";
import { type HostileRequest, hostileRequest } from "./requests/hostile-request.ts";
import { Random } from "./requests/random.ts";
import { canary, rubbish, smuggled } from "./requests/smuggling.ts";

const LANES = 32;
const AT_ONCE = 16;
/** On Linux every address in 127.0.0.0/8 is this machine. On other systems everything comes from one address. */
const ADDRESSES = process.platform === "linux" ? 8 : 0;

interface Storm {
  port: number;
  /** The data folder. No reply may show it. */
  root: string;
  seed: number;
  requests: number;
  cast: Cast;
  ledger: Ledger;
  /** A hidden request would publish as the first, to the second. */
  smuggler: Person;
  canaryBox: Person;
  /** Called now and then with the number of requests done. */
  progress?: (requests: number) => void;
}

export interface Calm {
  requests: number;
  /** The number of replies by status. */
  statuses: Map<number, number>;
  breakers: number;
  /** For the text of each hidden request: the bytes it was hidden in. */
  canaries: Map<string, Buffer>;
}

export async function storm(options: Storm): Promise<Calm> {
  const calm: Calm = { requests: 0, statuses: new Map(), breakers: 0, canaries: new Map() };
  await Promise.all(Array.from({ length: LANES }, (_, number) => blow(options, calm, number)));
  return calm;
}

async function blow(options: Storm, calm: Calm, laneNumber: number): Promise<void> {
  const { port, root, seed, requests, cast, ledger, progress } = options;
  const random = new Random(seed + laneNumber * 7919);
  const localAddress = ADDRESSES === 0 ? undefined : `127.0.0.${2 + (laneNumber % ADDRESSES)}`;
  const lane = new Lane(port, { hidden: root, localAddress });
  for (let turn = 0; calm.requests < requests; turn++) {
    const made = someRequests(random, cast, turn);
    try {
      const { replies } = await lane.exchange(made);
      made.forEach((request, i) => {
        const reply = replies[i];
        // Requests after one that ended the connection were never read, and do not count.
        if (i <= replies.length) calm.requests++;
        if (reply !== undefined) calm.statuses.set(reply.status, (calm.statuses.get(reply.status) ?? 0) + 1);
        ledger.note(request, reply);
      });
    } catch (error) {
      throw new Error(`${says(error)}\nseed ${seed}, lane ${laneNumber}, turn ${turn}, in one of:\n${shown(made)}`, {
        cause: error,
      });
    }
    if (random.oneIn(4)) {
      const text = `canary of seed ${seed}, lane ${laneNumber}, turn ${turn}`;
      const inner = canary({ from: options.smuggler, to: options.canaryBox, text });
      const breaker = random.oneIn(3) ? rubbish(random) : smuggled(random, inner);
      try {
        await lane.break(breaker);
      } catch (error) {
        throw new Error(`${says(error)}\nseed ${seed}, lane ${laneNumber}, turn ${turn}, ${breaker.name}`, {
          cause: error,
        });
      }
      calm.requests++;
      calm.breakers++;
      calm.canaries.set(text, breaker.bytes);
    }
    progress?.(calm.requests);
  }
  lane.close();
}

/** Makes some requests. One whose reply may not end comes last. */
function someRequests(random: Random, cast: Cast, turn: number): HostileRequest[] {
  const made: HostileRequest[] = [];
  while (made.length < AT_ONCE) {
    const request = hostileRequest(random, cast, turn * AT_ONCE + made.length);
    made.push(request);
    if (request.mayLast) break;
  }
  return made;
}

const says = (error: unknown) => (error instanceof Error ? error.message : String(error));
const shown = (requests: HostileRequest[]) =>
  requests.map(({ bytes }) => JSON.stringify(bytes.toString("latin1").slice(0, 600))).join("\n");
