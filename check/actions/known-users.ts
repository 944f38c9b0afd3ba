/**
 * Looks whether everybody who got a 200 when they registered is still known: their id and token let them in, and the
 * handle is theirs. run-case.ts calls it when a case has registered many users, or after a restart. It uses only calls
 * of the seed.
 */

import type { Json } from "../case.ts";
import { type Given, mistakesInIds, type Note } from "../ledger/ledger.ts";
import { CaseFailed } from "../report/failure.ts";
import { aFewAtOnce } from "./at-once.ts";
import type { Sender } from "./sender.ts";

const REGISTER = "POST /api/v1/register";

/** @throws {CaseFailed} when somebody is not known, or an id was given out twice. */
export async function mustBeKnown(sender: Sender): Promise<void> {
  const lookedUp = await registerAgain(sender);
  const registered = sender.ledger.notes("register").filter(({ answer }) => answer !== undefined);
  await aFewAtOnce(registered, async ({ inputs, answer = {} }) => {
    const body: Json = {
      myId: json(answer.userId),
      myAuth: json(answer.authToken),
      userHandle: json(inputs.userHandle),
    };
    const expect = { status: 200, body: { userId: json(answer.userId) } };
    const request = sender.request({ send: "GET /api/v1/register", body });
    sender.hold(request, await sender.exchange(request, expect), expect);
  });
  const given = registered.map(({ answer, begin, end }) => ({ id: Number(answer?.userId), begin, end }));
  const mistakes = mistakesInIds([...given, ...lookedUp], "user");
  const [last] = registered.slice(-1);
  // The seed only says that an id is unique.
  const counted = sender.profile === "seed" ? mistakes.filter((mistake) => mistake.startsWith("two ")) : mistakes;
  if (counted.length === 0 || last === undefined) return;
  const received = `the id ${json(last.answer?.userId)}`;
  throw new CaseFailed({ mistakes: counted, request: last.request, expected: "a new id for each user", received });
}

/**
 * A registration without a reply may have happened. Then its handle is taken and leads to somebody; otherwise it is
 * free. The next reply decides. @returns the ids of those that had happened.
 */
async function registerAgain(sender: Sender): Promise<Given[]> {
  const notes = sender.ledger.notes("register");
  const answered = new Map(notes.flatMap((note) => (note.answer ? [[handleOf(note), note.answer]] : [])));
  const [somebody] = answered.values();
  const happened: Given[] = [];
  for (const note of notes.filter((each) => !answered.has(handleOf(each)))) {
    const userHandle = handleOf(note);
    const again = { status: [200, 409] };
    const request = sender.request({ send: REGISTER, body: { secret: "{secret}", userHandle: json(userHandle) } });
    const reply = await sender.exchange(request, again);
    sender.hold(request, reply, again);
    if (reply.status === 200 || somebody === undefined) continue;
    const body = { myId: json(somebody.userId), myAuth: json(somebody.authToken), userHandle: json(userHandle) };
    const expect = { status: 200, body: { userId: "<id>" } };
    const lookUp = sender.request({ send: "GET /api/v1/register", body });
    const found = await sender.exchange(lookUp, expect);
    sender.hold(lookUp, found, expect);
    const { userId } = JSON.parse(found.text) as { userId: number };
    happened.push({ id: userId, begin: note.begin, end: note.end });
  }
  return happened;
}

function handleOf({ inputs }: Note): unknown {
  return inputs.userHandle;
}

/** What came from the server as JSON. */
function json(value: unknown): Json {
  return (value ?? null) as Json;
}
