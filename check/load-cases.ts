/**
 * Reads the cases from cases/. Every call with credentials must refuse the same things, so those cases are written
 * once, in credentials.json. A stage names a call, and the cases for that call are put in there.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { Action, Case, Json, Send, Stage } from "./case.ts";

const FOLDER = new URL("./cases/", import.meta.url);

/** Stands in a stage for the cases of credentials.json, applied to one call. */
interface CredentialsOf {
  credentialsOf: string;
  send: string;
  /** The call's other inputs. */
  body?: { [name: string]: Json };
  seed?: true;
}

interface StageFile {
  stage: number;
  name: string;
  cases: (Case | CredentialsOf)[];
}

/** @returns all stages, in order. */
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

/** @returns why some steps have no case, by step id. */
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
