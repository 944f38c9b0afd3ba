/**
 * The stages with their cases. Every call with credentials must refuse the same things, so those cases are written
 * once, in credentials.json. A stage names a call, and the cases for that call are put in there.
 */
import type { Action, Case, Json, Send, Stage } from "./case.ts";
import reachable from "./cases/0-reachable.json" with { type: "json" };
import register from "./cases/1-register.json" with { type: "json" };
import lookUp from "./cases/2-look-up.json" with { type: "json" };
import send from "./cases/3-send.json" with { type: "json" };
import read from "./cases/4-read.json" with { type: "json" };
import changeAndRemove from "./cases/5-change-and-remove.json" with { type: "json" };
import manyAtOnce from "./cases/6-many-at-once.json" with { type: "json" };
import restart from "./cases/7-restart.json" with { type: "json" };
import live from "./cases/8-live.json" with { type: "json" };
import credentials from "./cases/credentials.json" with { type: "json" };
import notOverHttp from "./cases/not-over-http.json" with { type: "json" };

/** Stands in a stage for the cases of credentials.json, applied to one call. */
interface CredentialsOf {
  credentialsOf: string;
  send: string;
  /** The call's other inputs. */
  body?: { [name: string]: Json };
  seed?: true;
}

/** cases.test.ts compares the files with their schema. */
const FILES = [
  reachable,
  register,
  lookUp,
  send,
  read,
  changeAndRemove,
  manyAtOnce,
  restart,
  live,
] as unknown as StageFile[];
const TEMPLATES = credentials.cases as unknown as Case[];

interface StageFile {
  stage: number;
  name: string;
  cases: (Case | CredentialsOf)[];
}

/** @returns all stages, in order. */
export function loadStages(): Stage[] {
  return FILES.map(({ stage, name, cases }) => ({
    stage,
    name,
    cases: cases.flatMap((each) =>
      "credentialsOf" in each ? TEMPLATES.map((template) => caseFor(each, template)) : [each],
    ),
  }));
}

/** @returns why some steps have no case, by step id. */
export function stepsNotOverHttp(): Record<string, string> {
  return notOverHttp.steps;
}

function caseFor({ credentialsOf, send, body, seed }: CredentialsOf, template: Case): Case {
  const text = JSON.stringify(template).replaceAll("{operation}", credentialsOf).replaceAll("{call}", send);
  const made = JSON.parse(text) as Case;
  const actions = made.do.map((action) => ("send" in action ? withInputs(action, body) : action));
  // To register somebody takes longer than any other request. Somebody must be there, but not more than the call names.
  const inActions = JSON.stringify(actions);
  const named = (name: string, i: number) =>
    i === 0 || inActions.includes(`{${name}.`) || inActions.includes(`"${name}"`);
  const users = made.users?.filter(named);
  return { ...made, ...(users !== undefined && { users }), do: actions, ...(seed === true && { seed }) };
}

function withInputs(action: Send, inputs: { [name: string]: Json } | undefined): Action {
  if (inputs === undefined || typeof action.body !== "object" || action.body === null) return action;
  return { ...action, body: { ...action.body, ...inputs } };
}
