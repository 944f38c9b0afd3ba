/**
 * `plainchat check --lesson N --report`: tells the class how far the learner's server is. It goes to the server where the
 * learner is registered, and never to the server under test, which would get the learner's token. If the class cannot be
 * told, the check says so in one line, and its result stays the same.
 */
import type { Command } from "commander";
import { failuresIn, type Report } from "../../check/run-check.ts";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import type { Fetch } from "../../client/request.ts";
import type { Progress } from "../../client/types.ts";
import { outcomeOf } from "../cli-error.ts";
import type { GlobalOptions } from "../context.ts";
import { Identities } from "../identities.ts";
import { tell } from "../output.ts";
import { line } from "../styled.ts";
import { courseResult, type LessonResult } from "./course-progress.ts";

/** The result is on the screen already, but the next run waits. */
const PATIENCE = { attempts: 2, timeoutSeconds: 3 };

/** Nobody typed these requests, so the wall leaves them out. */
const inBackground: Fetch = (url, request) =>
  fetch(url, { ...request, headers: { ...request.headers, explain: "background" } });

export async function reportProgress(report: Report, command: Command): Promise<void> {
  let url = "the class";
  try {
    const { identity } = (await Identities.load()).get(command.optsWithGlobals<GlobalOptions>().as);
    url = identity.url;
    const client = new PlainchatClient(url, { credentials: identity, fetch: inBackground, ...PATIENCE });
    const reports = reportsAfter(report, await client.myProgress());
    for (const each of reports) await client.reportProgress(each);
    const last = reports.at(-1);
    if (last !== undefined) tell(line`The class knows: ${sentenceFor(last)}.`);
  } catch (error) {
    tell(line`Your progress could not be sent to ${url}: ${outcomeOf(error).sentence}`);
  }
}

/** @returns the address of the class where the learner is registered. Undefined if there is none, or it does not answer. */
export async function classOf(command: Command): Promise<string | undefined> {
  try {
    const { identity } = (await Identities.load()).get(command.optsWithGlobals<GlobalOptions>().as);
    const { url } = identity;
    // Only a server in class mode knows about progress.
    await new PlainchatClient(url, {
      credentials: identity,
      fetch: inBackground,
      ...PATIENCE,
      attempts: 1,
    }).myProgress();
    return url;
  } catch {
    return undefined;
  }
}

/** @returns the lessons that the class does not know to be passed, and at the end where the server stops. */
export function reportsAfter(report: Report, { lessons }: Progress): LessonResult[] {
  const { passed, stopsAt } = courseResult(report);
  const isKnown = ({ lesson }: LessonResult) =>
    lessons.some((each) => each.lesson === lesson && each.passedAt !== undefined);
  const last = stopsAt ?? passed.at(-1);
  // A server that is not running says something about the first lesson only: it was there in the later ones.
  const isAway = failuresIn(report).some(({ failure }) => failure?.noReply === "unreachable");
  if (last === undefined || (isAway && isKnown(last))) return [];
  return [...passed.filter((each) => each !== last && !isKnown(each)), last];
}

function sentenceFor({ lesson, case: failing }: LessonResult): string {
  return failing === undefined ? `lesson ${lesson} is passed` : `lesson ${lesson} stops at ${failing}`;
}
