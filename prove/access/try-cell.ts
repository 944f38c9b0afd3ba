/**
 * Tries one cell of the table: sends what its row says, as its caller. Then it checks the status, what the reply and
 * its trace show, and what everybody sees before and after. Each broken promise becomes a sentence.
 */
import { ROUTES } from "../../server/operations/routes.ts";
import { ACTIONS, plainAction } from "./actions.ts";
import { ask, type Question } from "./ask.ts";
import {
  type Credentials,
  look,
  makeScene,
  type PersonName,
  type Place,
  type Situation,
  sharedScene,
} from "./situation.ts";
import { type CallerName, nameOf, type Row } from "./table.ts";
import { plain, plainTrace, traceOf, whatATraceTells, whatIsTold } from "./what-is-told.ts";

/** @returns what is wrong, one sentence each. */
export async function tryCell(place: Place, row: Row, caller: CallerName): Promise<string[]> {
  const wrong: string[] = [];
  const say = (sentence: string) => wrong.push(`${nameOf(row)}, ${caller}: ${sentence}`);
  const promised = row.statuses.get(caller);
  const ownAction = ACTIONS[nameOf(row)];
  const action = ownAction ?? plainAction(row.path);
  const { situation, credentials, before } = await (ownAction === undefined ? sharedScene : makeScene)(place, caller);
  const send = (question: Question, method = row.method) =>
    ask(place.app.origin, as(credentials, question, method, place));

  const question = await action.request(situation);
  const reply = await send(question);
  if (reply.status !== promised) say(`${reply.status} instead of ${promised}. ${reply.text.slice(0, 300)}`);

  // Cells where everybody sees the same share a scene. That is checked once, after all of them.
  const changed = ownAction === undefined ? [] : await whatChanged(situation, before);
  const mayChange = promised === 200 ? new Set(action.changes?.(caller)) : new Set<PersonName>();
  for (const name of changed) if (!mayChange.has(name)) say(`something changed for the ${name}`);
  for (const name of mayChange) if (!changed.includes(name)) say(`nothing changed for the ${name}`);

  for (const told of whatIsTold(row, caller, situation, action, reply)) say(told);
  const trace = await traceOf(reply, place);
  if (trace !== undefined) for (const told of whatATraceTells(caller, situation, promised, trace)) say(told);

  if (action.absent !== undefined && reply.status === 404) {
    const other = await send(action.absent(situation));
    if (plain(other) !== plain(reply)) say(`the reply shows that it exists: ${plain(reply)} and ${plain(other)}`);
    const otherTrace = await traceOf(other, place);
    if (plainTrace(otherTrace) !== plainTrace(trace)) say("the trace shows that it exists");
  }
  for (const method of otherMethods(row)) {
    const { status } = await send(question, method);
    if (status !== promised) say(`${method} gets ${status}, not ${promised}`);
  }
  return wrong;
}

/** @returns what has changed in the shared scenes, whose callers asked only for what everybody may see. */
export async function whatChangedForTheShared({ shared }: Place): Promise<string[]> {
  const wrong: string[] = [];
  for (const [caller, scene] of shared) {
    const { situation, before } = await scene;
    for (const name of await whatChanged(situation, before)) {
      wrong.push(`An open address, ${caller}: something changed for the ${name}`);
    }
  }
  return wrong;
}

async function whatChanged(situation: Situation, before: Record<PersonName, string>): Promise<PersonName[]> {
  const after = await look(situation);
  return (["sender", "recipient", "other", "witness"] as const).filter((name) => before[name] !== after[name]);
}

/** Adds the caller's credentials to a question: in the body in class mode, else in a header. */
function as({ user, bearer }: Credentials, question: Question, method: string, { isClass }: Place): Question {
  const headers = {
    ...question.headers,
    Explain: "1",
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
  };
  const body = user !== undefined && isClass ? { ...question.body, ...user } : question.body;
  // A QUERY always has a body.
  const asked = { ...question, method, headers, body: method === "QUERY" ? { ...body } : body };
  return user === undefined || isClass ? asked : { ...asked, user: `${user.myId}:${user.myAuth}` };
}

function otherMethods({ method, path }: Row): string[] {
  if (method !== "GET") return [];
  return ROUTES.some((route) => route.method === method && route.path === path) ? ["HEAD", "QUERY"] : ["HEAD"];
}
