/**
 * Reads the cases out of cases/. What every call with credentials must refuse is written down once, in
 * credentials.json; where a stage says for which call it stands, the cases are put in.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { Action, Case, Json, Send, Stage } from "./case.ts";

const FOLDER = new URL("./cases/", import.meta.url);

/** In a stage: here the cases of credentials.json stand for a call. */
interface CredentialsOf {
  credentialsOf: string;
  send: string;
  /** The other inputs of the call. */
  body?: { [name: string]: Json };
  seed?: true;
}

interface StageFile {
  stage: number;
  name: string;
  cases: (Case | CredentialsOf)[];
}

/** All stages, in order. */
export function loadStages(): Stage[] {
  const { cases: templates } = read<{ cases: Case[] }>("credentials.json");
  return readdirSync(FOLDER)
    .filter((name) => /^\d/.test(name))
    .sort()
    .map((name) => read<StageFile>(name))
    .map(({ stage, name, cases }) => ({
      stage,
      name,
      cases: cases.flatMap((each) =>
        "credentialsOf" in each ? templates.map((template) => caseFor(each, template)) : [each],
      ),
    }));
}

/** Why some steps have no case, by the id of the step. */
export function stepsNotOverHttp(): Record<string, string> {
  return read<{ steps: Record<string, string> }>("not-over-http.json").steps;
}

function caseFor({ credentialsOf, send, body, seed }: CredentialsOf, template: Case): Case {
  const text = JSON.stringify(template).replaceAll("{operation}", credentialsOf).replaceAll("{call}", send);
  const made = JSON.parse(text) as Case;
  const actions = made.do.map((action) => ("send" in action ? withInputs(action, body) : action));
  return { ...made, do: actions, ...(seed === true && { seed }) };
}

function withInputs(action: Send, inputs: { [name: string]: Json } | undefined): Action {
  if (inputs === undefined || typeof action.body !== "object" || action.body === null) return action;
  return { ...action, body: { ...action.body, ...inputs } };
}

function read<Contents>(name: string): Contents {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as Contents;
}
