/**
 * Checks what a reply and its trace show. Nobody may see the text of others, and nobody may see a token or secret that
 * is not theirs. If a caller must not know that something exists, the reply must be the same as if it did not.
 */
import type { Action } from "./actions.ts";
import { type Answer, ask } from "./ask.ts";
import type { Place, Situation } from "./situation.ts";
import { type CallerName, nameOf, type Row } from "./table.ts";

/** Headers that differ from reply to reply and say nothing about the data. */
const VARYING_HEADERS = ["date", "request-id", "link", "server-timing", "connection", "keep-alive"];

/** @returns what a reply shows and should not, and what it should show and does not. */
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
    const mayBeTold = isAllowed && (action.tells?.(caller, place.isClass).includes(which) ?? false);
    if (isTold !== mayBeTold) wrong.push(`the reply ${isTold ? "shows" : "does not show"} the ${which}`);
  }
  const person = { "another user": other, "the sender": sender, "the recipient": recipient }[String(caller)];
  const mayTellToken = (token: string) =>
    isAllowed &&
    ((nameOf(row) === "PATCH /api/v1/register, a new handle" && token === person?.authToken) ||
      (row.path === "/api/v1/class/teacher" && token === place.teacher?.authToken));
  for (const token of tokens) if (all.includes(token) && !mayTellToken(token)) wrong.push("the reply shows a token");
  const mayTellSecret = isAllowed && row.path === "/api/v1/class/secret";
  if (all.includes(place.app.secret) !== mayTellSecret) {
    wrong.push(`the reply ${mayTellSecret ? "does not show" : "shows"} the class secret`);
  }
  if (isAllowed) return wrong;
  for (const { userHandle } of [sender, recipient, other, place.witness]) {
    if (all.includes(userHandle)) wrong.push("the reply shows a handle");
  }
  return wrong;
}

/** The trace of the request that got this reply, if the request asked for one. */
export async function traceOf({ headers }: Answer, { app }: Place): Promise<string | undefined> {
  const path = /<(\/api\/v1\/explain\/[\w-]+)>/.exec(String(headers.link))?.[1];
  return path === undefined ? undefined : (await ask(app.origin, { path })).text;
}

/** The trace may show a message only if the caller was allowed to do something with it, and never in class mode. */
export function whatATraceTells(
  caller: CallerName,
  situation: Situation,
  promised: number | undefined,
  trace: string,
): string[] {
  const { place, text, note, tokens } = situation;
  const mayShow = promised === 200 && !place.isClass;
  const knowsText = mayShow && (caller === "the sender" || caller === "the recipient");
  const knowsNote = mayShow && caller === "another user";
  const wrong: string[] = [];
  if (!trace.startsWith("{")) wrong.push("there is no trace");
  if (trace.includes(text) && !knowsText) wrong.push("the trace shows the text");
  if (trace.includes(note) && !knowsNote) wrong.push("the trace shows the note");
  if (tokens.some((token) => trace.includes(token))) wrong.push("the trace shows a token");
  if (trace.includes(place.app.secret)) wrong.push("the trace shows the class secret");
  return wrong;
}

/** A reply without the parts that differ from one to the next. */
export function plain({ status, headers, text }: Answer): string {
  const kept = Object.entries(headers).filter(([name]) => !VARYING_HEADERS.includes(name));
  return `${status} ${JSON.stringify(kept)} ${text}`;
}

/** A trace without the parts that differ from one request to the next: its id, the times, and the inputs. */
export function plainTrace(trace = ""): string {
  return trace.replace(/"(?:id|at|milliseconds|value)":(?:"[^"]*"|[\d.]+|null),?/g, "");
}
