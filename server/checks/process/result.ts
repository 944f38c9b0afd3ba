/**
 * Makes of the check's report what the page shows: the first failure in plain words, cut so that no server can make it
 * long, and how each lesson went. check-process.ts calls it.
 */
import type { Case, Stage } from "../../../check/case.ts";
import type { Reply, SentRequest } from "../../../check/exchange/exchange.ts";
import { adviceFor, whatToDo } from "../../../check/report/advice.ts";
import type { Failure } from "../../../check/report/failure.ts";
import { visible } from "../../../check/report/visible.ts";
import { type CaseResult, countIn, failuresIn, type Report, type StageResult } from "../../../check/run-check.ts";
import type { CheckedLesson, CheckFailure, CheckResult } from "../contract.ts";

const MAX_CHARACTERS = 800;
const MAX_MISTAKES = 8;
const SHOWN_HEADERS = ["content-type", "allow"];

/** What to run, and what is left out because only a check on the pupil's own computer can do it. */
export interface Plan {
  stages: Stage[];
  leftOut: Map<number, Case[]>;
}

/**
 * Nobody here can kill the pupil's server. The pupil restarts it for the cases of the newest lesson; those that kill it
 * in the middle of requests are left out, and so are all restarts of the lessons before.
 */
export function planFor(stages: Stage[], lesson: number): Plan {
  const leftOut = new Map<number, Case[]>();
  const planned = stages.map((stage) => {
    const isOut = (each: Case) => isKilled(each) || (stage.stage < lesson && isRestarted(each));
    leftOut.set(stage.stage, stage.cases.filter(isOut));
    return { ...stage, cases: stage.cases.filter((each) => !isOut(each)) };
  });
  return { stages: planned, leftOut };
}

function isKilled({ do: actions }: Case): boolean {
  return actions.some((action) => "underFire" in action);
}

function isRestarted({ do: actions }: Case): boolean {
  return actions.some((action) => "restart" in action);
}

export function resultOf(report: Report, { leftOut }: Plan, lesson: number): CheckResult {
  const [first] = failuresIn(report);
  // A server that does not run says nothing about what it can do.
  const isAway = first?.failure?.noReply === "unreachable";
  const lessons = report.stages.map((stage) => lessonOf(stage, leftOut.get(stage.stage) ?? []));
  return {
    passed: countIn(report, "passed"),
    leftOut: [...leftOut.values()].flat().map(({ id }) => id),
    ...(first?.failure !== undefined && { failure: inWords(first, first.failure) }),
    lessons: isAway
      ? []
      : worthKeeping(lessons, leftOut, first === undefined ? undefined : stageOf(report, first), lesson),
  };
}

/** A case that cannot be asked of this server does not count. */
function lessonOf({ stage, results }: StageResult, out: Case[]): CheckedLesson {
  const counted = results.filter(({ outcome }) => outcome !== "cannot be asked");
  const open = counted.filter(({ outcome }) => outcome !== "passed");
  const failing = (open.find(({ outcome }) => outcome === "failed") ?? open[0])?.case.id ?? out[0]?.id;
  return {
    lesson: stage,
    ...(failing !== undefined && { case: failing }),
    passed: counted.length - open.length,
    total: counted.length + out.length,
  };
}

function stageOf({ stages }: Report, result: CaseResult): number | undefined {
  return stages.find(({ results }) => results.includes(result))?.stage;
}

/**
 * Lessons that are passed, and at the end the one where the server stops. A lesson before the newest that has only
 * cases left out says nothing: perhaps the pupil has passed it with a check at home.
 */
function worthKeeping(
  lessons: CheckedLesson[],
  leftOut: Plan["leftOut"],
  failing: number | undefined,
  newest: number,
): CheckedLesson[] {
  const stopsAt = lessons.find(({ lesson }) => lesson === (failing ?? newest));
  const isWhole = (each: CheckedLesson) => each.case === undefined && leftOut.get(each.lesson)?.length === 0;
  const passed = lessons.filter((each) => each !== stopsAt && each.lesson < (failing ?? newest) && isWhole(each));
  return [...passed, ...(stopsAt !== undefined && stopsAt.total > 0 ? [stopsAt] : [])];
}

function inWords({ case: each }: CaseResult, failure: Failure): CheckFailure {
  const { request, expected, mistakes } = failure;
  const advice = adviceFor(failure);
  return {
    case: each.id,
    title: each.title,
    steps: each.steps,
    mistakes: mistakes.slice(0, MAX_MISTAKES).map(shown),
    ...(request !== undefined && { request: requestText(request) }),
    ...(expected !== undefined && expected !== "" && { expected: shown(expected) }),
    received: receivedText(failure),
    ...(advice !== undefined && { lookFirst: advice }),
    hint: whatToDo(each.hint, failure),
    ...(failure.noReply === "unreachable" && { isUnreachable: true }),
  };
}

function requestText({ method, url, headers, body }: SentRequest): string {
  const { pathname, search } = new URL(url);
  const lines = [`${method} ${pathname}${search}`];
  for (const [name, value] of Object.entries(headers)) if (name !== "content-type") lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push("", body);
  return shown(lines.join("\n"));
}

function receivedText({ reply, received, noReply }: Failure): string {
  if (reply === undefined) {
    if (received !== undefined) return shown(received);
    return noReply === "unreachable" || noReply === "too late" ? "no reply" : "no complete reply";
  }
  return [...(received === undefined ? [] : [shown(received)]), replyText(reply)].join("\n");
}

function replyText({ status, headers, text }: Reply): string {
  const lines = [`status ${status}`];
  for (const name of SHOWN_HEADERS) {
    const value = headers[name];
    if (value !== undefined) lines.push(`${name}: ${shown(value)}`);
  }
  lines.push("", text.trim() === "" ? "(no body)" : shown(text.trimEnd()));
  return lines.join("\n");
}

/** Characters that nobody sees are named, and a long text is cut. */
function shown(text: string): string {
  const whole = visible(text);
  return whole.length > MAX_CHARACTERS ? `${whole.slice(0, MAX_CHARACTERS)}…` : whole;
}
