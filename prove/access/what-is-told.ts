/**
 * What a reply and its trace tell: no text to those who have nothing to do with it, no token and no secret but to whom they
 * belong, and where there is something that a caller must not know of, the same as if there were nothing.
 */
import type { Action } from "./actions.ts";
import { type Answer, ask } from "./ask.ts";
import type { Place, Situation } from "./situation.ts";
import { type CallerName, nameOf, type Row } from "./table.ts";

/** What differs from reply to reply, and says nothing. */
const VARYING_HEADERS = ["date", "request-id", "link", "server-timing", "connection", "keep-alive"];

/** @returns what a reply tells that it should not, or does not tell that it should. */
export function whatIsTold(
  row: Row,
  caller: CallerName,
  situation: Situation,
  action: Action,
  reply: Answer,
): string[] {
  const { place, sender, recipient, other, tokens } = situation;
  const isAllowed = row.statuses.get(caller) === 200;
  const all = `${JSON.stringify(reply.headers)}\n${reply.text}`;
  const wrong: string[] = [];
  for (const which of ["text", "note"] as const) {
    const isTold = all.includes(situation[which]);
    const mayBeTold = isAllowed && (action.tells?.(caller).includes(which) ?? false);
    if (isTold !== mayBeTold) wrong.push(`the ${which} is ${isTold ? "" : "not "}told`);
  }
  const person = { "another user": other, "the sender": sender, "the recipient": recipient }[String(caller)];
  const mayTellToken = (token: string) =>
    isAllowed && nameOf(row) === "PATCH /api/v1/register, a new handle" && token === person?.authToken;
  for (const token of tokens) if (all.includes(token) && !mayTellToken(token)) wrong.push("a token is told");
  const mayTellSecret = isAllowed && row.path === "/api/v1/class/secret";
  if (all.includes(place.app.secret) !== mayTellSecret) {
    wrong.push(`the class secret is ${mayTellSecret ? "not " : ""}told`);
  }
  if (isAllowed) return wrong;
  for (const { userHandle } of [sender, recipient, other, place.witness]) {
    if (all.includes(userHandle)) wrong.push("a handle is told");
  }
  return wrong;
}

/** The trace of the request that was answered so, where it was asked for. */
export async function traceOf({ headers }: Answer, { app }: Place): Promise<string | undefined> {
  const path = /<(\/api\/v1\/explain\/[\w-]+)>/.exec(String(headers.link))?.[1];
  return path === undefined ? undefined : (await ask(app.origin, { path })).text;
}

/** Whoever was allowed to do something with a message may see it in the trace. */
export function whatATraceTells(
  caller: CallerName,
  situation: Situation,
  promised: number | undefined,
  trace: string,
): string[] {
  const { place, text, note, tokens } = situation;
  const knowsText = promised === 200 && (caller === "the sender" || caller === "the recipient");
  const knowsNote = promised === 200 && caller === "another user";
  const wrong: string[] = [];
  if (!trace.startsWith("{")) wrong.push("there is no trace");
  if (trace.includes(text) && !knowsText) wrong.push("the trace tells the text");
  if (trace.includes(note) && !knowsNote) wrong.push("the trace tells the note");
  if (tokens.some((token) => trace.includes(token))) wrong.push("the trace tells a token");
  if (trace.includes(place.app.secret)) wrong.push("the trace tells the class secret");
  return wrong;
}

/** A reply without what differs from one to the next. */
export function plain({ status, headers, text }: Answer): string {
  const kept = Object.entries(headers).filter(([name]) => !VARYING_HEADERS.includes(name));
  return `${status} ${JSON.stringify(kept)} ${text}`;
}

/** A trace without what differs from one request to the next: its id, the times, and what was asked for. */
export function plainTrace(trace = ""): string {
  return trace.replace(/"(?:id|at|milliseconds|value)":(?:"[^"]*"|[\d.]+|null),?/g, "");
}
