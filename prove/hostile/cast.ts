/**
 * Registers the people who take part: some whose queues are compared at the end, some to whom anything may happen, and
 * two for the requests that are hidden inside others.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { send } from "../../testing/request.ts";
import { Ledger } from "./ledger.ts";
import type { Cast, Person } from "./requests/calls.ts";
import { canary } from "./requests/smuggling.ts";

const GOOD = 8;
const EXPENDABLE = 24;

export interface Stage {
  cast: Cast;
  ledger: Ledger;
  smuggler: Person;
  canaryBox: Person;
  /** The text of the one canary that is not hidden. */
  control: string;
}

export async function prepareCast({ origin, secret }: { origin: string; secret: string }): Promise<Stage> {
  const register = async (userHandle: string): Promise<Person> => {
    const { status, json, text } = await send(origin, {
      method: "POST",
      path: "/api/v1/register",
      body: { secret, userHandle },
    });
    assert.equal(status, 200, text);
    return { userId: json.userId, authToken: json.authToken, userHandle };
  };
  const several = async (name: string, count: number): Promise<[Person, ...Person[]]> => {
    const first = await register(`${name}-0`);
    const others: Person[] = [];
    // One after the other: on every server the same people get the same ids.
    while (others.length < count - 1) others.push(await register(`${name}-${others.length + 1}`));
    return [first, ...others];
  };
  const cast: Cast = {
    secret,
    good: await several("good", GOOD),
    expendable: await several("expendable", EXPENDABLE),
    messageIds: [],
  };
  const smuggler = await register("smuggler");
  const canaryBox = await register("canary-box");
  const control = "a second request, in plain sight";
  await sendInTheOpen(origin, canary({ from: smuggler, to: canaryBox, text: control }));
  return { cast, ledger: new Ledger(cast), smuggler, canaryBox, control };
}

/** Sends the bytes that are otherwise hidden right after a request without a body. Here they really are a request. */
async function sendInTheOpen(origin: string, text: string): Promise<void> {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  socket.write(`GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n${text}`);
  let reply = "";
  while (!reply.includes("messageId")) reply += String((await once(socket, "data"))[0]);
  socket.destroy();
}
