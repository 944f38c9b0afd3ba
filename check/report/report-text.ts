/**
 * The report for people: the result of each stage, and each failure with everything needed to see it again.
 * `plainchat check` prints it. Text from the server must never reach the terminal with control characters in it.
 */
import { styleText } from "node:util";
import type { SentRequest } from "../exchange/exchange.ts";
import { inItsParts } from "../match/in-its-parts.ts";
import { type CaseResult, countIn, failuresIn, type Report, type StageResult } from "../run-check.ts";
import { adviceFor, whatToDo } from "./advice.ts";
import { curlLine } from "./curl-line.ts";
import type { Before, Failure } from "./failure.ts";
import { sentenceOf } from "./specification.ts";
import { visible, visibleInLine } from "./visible.ts";
import { type Asked, whatNext } from "./what-next.ts";
import { cutToRow, wrapped } from "./wrap.ts";

const MAX_SHOWN_CHARACTERS = 600;
const MAX_PRINTED_LINES = 12;
/** Before it, a server keeps nobody, so no handle is taken. */
const FIRST_LESSON_WITH_USERS = 5;
const SHOWN_HEADERS = ["content-type", "allow"];
/** The width of "Sent", "Expected" and "Received" and the space after them. */
const LABEL_WIDTH = 11;
/** The sentences of more steps fill the screen. */
const MAX_WHOLE_STEPS = 2;

interface ReportOptions {
  /**
   * The folder for the bodies of failed requests, so that they can be sent again. Undefined if nothing can be written.
   */
  folder: string | undefined;
  /** The last output of the server, if the check started it (and so has stopped it, unless it `goesOn`). */
  printed?: string | undefined;
  /** Whether that server still runs after the check. */
  goesOn?: boolean;
  /** The width of the terminal, at which sentences are broken between words. Undefined if the report goes elsewhere. */
  columns?: number | undefined;
  /** What was asked for, so that the report can say what comes next. */
  asked?: Asked;
  /** More about a failed case, by its id: lines for the end of the failure, ready for the terminal. */
  more?: ReadonlyMap<string, string[]>;
}

export async function reportText(report: Report, options: ReportOptions): Promise<string> {
  const { url, stages, notes } = report;
  const { printed = "", columns } = options;
  const lines = [
    `${url}, ${whatIsAsked(report, options.asked)}`,
    "",
    ...stages.map((stage) => stageLine(stage, String(stages.at(-1)?.stage).length)),
  ];
  const failures = failuresIn(report);
  for (const result of failures) lines.push("", ...(await failureLines(result, report, options)));
  if (failures.length > 0 && printed !== "") {
    lines.push(
      "",
      "The last lines that your server printed:",
      ...lastLinesOf(printed).map((line) => `  ${shown(line)}`),
    );
  }
  if (failures.length > 1)
    lines.push(
      "",
      "Failed:",
      ...failures.flatMap(({ case: { id, title } }) => wrapped(`  ${title}  (${id})`, columns)),
    );
  if (failures.length === 0 && notes.length > 0) {
    lines.push("", "What the seed leaves open:", ...notes.flatMap((note) => wrapped(`  ${note}`, columns)));
  }
  lines.push(...notAskableLines(report, columns), "", ...wrapped(ending(report), columns));
  const [failed, ...others] = failures;
  if (failed === undefined) lines.push(...wrapped(whatNext(report, options.asked ?? {}), columns));
  // On a small screen, the title of the failure has scrolled away.
  else if (others.length === 0 && columns !== undefined) lines.push(...titleLines(failed, columns));
  return lines.join("\n");
}

/** The checks that do not count against the learner, with the reason. */
function notAskableLines({ stages }: Report, columns: number | undefined): string[] {
  const results = stages.flatMap((stage) => stage.results).filter(({ outcome }) => outcome === "cannot be asked");
  return [...new Set(results.map(({ why }) => why ?? ""))].flatMap((why) => {
    const ids = results.filter((result) => result.why === why).map(({ case: each }) => each.id);
    const counts = `Cannot be asked of your server, and does not count: ${ids.join(", ")}`;
    return ["", ...wrapped(counts, columns), ...wrapped(`  ${why}`, columns)];
  });
}

/** @param width of the greatest number */
function stageLine(result: StageResult, width: number): string {
  const { stage, isLesson, name, results, notAsked, needsStart = [] } = result;
  const title = `${String(stage).padStart(width)} ${name.padEnd(18)}`;
  if (notAsked !== undefined) return styleText("dim", `· ${title} ${notAsked}`);
  const count = (outcome: CaseResult["outcome"]) => results.filter((result) => result.outcome === outcome).length;
  const notAskable = count("cannot be asked");
  const passed = `${count("passed")} of ${results.length} passed${notAskable === 0 ? "" : `, ${notAskable} cannot be asked`}`;
  if (count("failed") > 0) {
    const waiting = count("waiting") === 0 ? "" : `, ${count("waiting")} waiting`;
    return `${styleText("red", "✗")} ${title} ${count("passed")} passed, ${count("failed")} failed${waiting}`;
  }
  if (count("waiting") === results.length) return styleText("dim", `· ${title} ${results.length} waiting`);
  // A stage is a list of checks, but a lesson is passed or not.
  if (isLesson === true && needsStart.length > 0)
    return `· ${title} ${passed}, ${needsStart.length} not run without --start`;
  return `${styleText("green", "✓")} ${title} ${passed}`;
}

async function failureLines(result: CaseResult, report: Report, options: ReportOptions): Promise<string[]> {
  const { case: each, failure, reached } = result;
  if (failure === undefined) return [];
  const { request, expected, before } = failure;
  const inColumns = (text: string) => wrapped(text, options.columns);
  const lines = [...titleLines(result, options.columns), ...stepLines(each.steps, failure, options)];
  if (before.length > 0) lines.push("", ...inColumns(`  Before that: ${inSequence(before)}`));
  if (request !== undefined) {
    lines.push("", ...(await howToSend(each.id, failure, options)), ...labelled("Sent", requestText(request)));
  }
  if (expected !== undefined && expected !== "") lines.push(...labelled("Expected", shown(expected)));
  lines.push(...labelled("Received", receivedText(failure)));
  lines.push(
    "",
    ...failure.mistakes
      .map(shown)
      .flatMap((mistake) => inColumns(`  ${capital(mistake)}${/[.?…]$/.test(mistake) ? "" : "."}`)),
  );
  const ended = howItEnded(failure, report);
  if (ended !== undefined) lines.push(...inColumns(`  ${ended}`));
  if (reached !== undefined) lines.push(...inColumns(`  Your server says that it reached step ${reached}.`));
  const advice = adviceFor(failure);
  lines.push("");
  if (advice !== undefined) lines.push(...inColumns(`  ${styleText("bold", "Look first:")} ${advice}`));
  lines.push(...inColumns(`  ${styleText("bold", "What to do:")} ${whatToDo(each.hint, failure)}`));
  const more = options.more?.get(each.id) ?? [];
  if (more.length > 0) lines.push("", ...more.map((line) => `  ${line}`));
  return lines;
}

function titleLines({ case: { id, title } }: CaseResult, columns: number | undefined): string[] {
  return wrapped(`${styleText("red", "✗")} ${styleText("bold", title)}  (${id})`, columns);
}

/** What is known of a server that no longer answers. */
function howItEnded({ noReply, notRestarted, torn, process, request }: Failure, report: Report): string | undefined {
  if (torn !== undefined) {
    return `Before the start, the check ${halfALine(torn)}, as a power cut in the middle of a write does.`;
  }
  if (notRestarted !== undefined) return "So the check could not see what your server still knows after a restart.";
  if (request === undefined) return undefined;
  if (process === undefined) {
    if (noReply !== "unreachable" || countIn(report, "passed") === 0) return undefined;
    return "Your server answered before, and now nothing listens there. If it crashed, it printed why.";
  }
  if (process.isListening) return undefined;
  if (process.isRunning) return "Its process still runs, but nothing listens at its address any more.";
  const { signal, exitCode } = process;
  if (signal !== undefined) return `Your server has ended: the signal ${signal} ended it.`;
  return `Your server has ended${exitCode === undefined ? "" : `, with exit code ${exitCode}`}.`;
}

/** The line for curl. Its body goes into a file. */
async function howToSend(id: string, failure: Failure, options: ReportOptions): Promise<string[]> {
  if (failure.request === undefined || options.folder === undefined) return [];
  const line = await curlLine(failure.request, options.folder, id);
  const remarks = remarksOnSending(failure, options).flatMap((remark) =>
    wrapped(`    ${styleText("dim", remark)}`, options.columns),
  );
  return ["  Send it yourself:", `    ${visibleInLine(line)}`, ...remarks, ""];
}

/** The first line says how much was asked for: a learner of lesson 3 has not heard of profiles. */
function whatIsAsked({ profile }: Report, { lesson }: Asked = {}): string {
  if (lesson === undefined) return `${profile} profile`;
  const lessons = lesson === 1 ? "lesson 1" : `lessons 1 to ${lesson}`;
  return profile === "seed" ? `${lessons}, seed profile` : lessons;
}

/** What the learner must do first, so that the line does the same again. */
function remarksOnSending({ request, reply, before }: Failure, { printed, goesOn, asked }: ReportOptions): string[] {
  const remarks: string[] = [];
  if (printed !== undefined && goesOn !== true) remarks.push("Start your server first: the check has stopped it.");
  const remembers = (asked?.lesson ?? FIRST_LESSON_WITH_USERS) >= FIRST_LESSON_WITH_USERS;
  if (remembers && request?.method === "POST" && request.url.endsWith("/register") && reply?.status === 200) {
    remarks.push("The handle is taken now: write another one into the file.");
  }
  if (request?.headers.host?.includes(",") === true) {
    remarks.push("The check sent two Host headers. curl cannot: it sends one with both names in it.");
  }
  if (before.length > 0)
    remarks.push("If your server forgets its users when it restarts, run the check again: it writes a new curl line.");
  return remarks;
}

/** Few enough lines that the failures after them are still on the screen. */
function lastLinesOf(printed: string): string[] {
  return printed.split("\n").slice(-MAX_PRINTED_LINES);
}

/** The steps that the case tests, or only that of the request that failed, if its reply should name the step. */
function stepLines(steps: string[], { expected = "" }: Failure, { asked, columns }: ReportOptions): string[] {
  const named = steps.filter((id) => expected.includes(`"${id}"`));
  const lines = (named.length > 0 ? named : steps).map((id) => `  Step ${id}: ${sentenceOf(id, asked?.lesson)}`);
  return lines.flatMap((line) => (lines.length > MAX_WHOLE_STEPS ? cutToRow(line, columns) : wrapped(line, columns)));
}

/** The same request several times, one after the other, is named once. */
function inSequence(before: Before[]): string {
  const parts: { what: string; times: number }[] = [];
  for (const each of before) {
    const what = didBefore(each);
    const last = parts.at(-1);
    if (last?.what === what) last.times++;
    else parts.push({ what, times: 1 });
  }
  return parts.map(({ what, times }) => (times === 1 ? what : `${what} (${times} times)`)).join(", ");
}

function didBefore(each: Before): string {
  if (each === "restart") return "the check killed your server and started it again";
  if ("torn" in each) return `the check killed your server, ${halfALine(each.torn)}, and started it again`;
  const { method, url } = each.request;
  const { atOnce } = each;
  const what = visibleInLine(`${method} ${new URL(url).pathname}`);
  return atOnce === undefined ? what : `${atOnce} requests at once, the first of them ${what}`;
}

function halfALine(file: string): string {
  return `wrote half a line at the end of ${visibleInLine(file)}`;
}

function requestText({ method, url, headers, body }: SentRequest): string {
  const { pathname, search } = new URL(url);
  const lines = [visibleInLine(`${method} ${pathname}${search}`)];
  for (const [name, value] of Object.entries(headers))
    if (name !== "content-type") lines.push(`${name}: ${shown(value)}${decoded(value)}`);
  if (body !== undefined) lines.push(shown(body));
  return lines.join("\n");
}

/** The credentials of Basic, which nobody can read in base64. Empty if they are not text in base64. */
function decoded(header: string): string {
  const [, credentials] = /^Basic (\S+)$/i.exec(header) ?? [];
  if (credentials === undefined) return "";
  try {
    const bytes = Uint8Array.from(atob(credentials), (byte) => byte.charCodeAt(0));
    return `  (that is ${visibleInLine(new TextDecoder("utf-8", { fatal: true }).decode(bytes))})`;
  } catch {
    return "";
  }
}

function receivedText({ reply, received, noReply, notRestarted, mistakes }: Failure): string {
  if (reply === undefined) return received ?? nothingReceived(noReply, notRestarted);
  const lines = received === undefined ? [] : [received, "One of them:"];
  lines.push(`status ${reply.status}`);
  for (const name of SHOWN_HEADERS) {
    const value = reply.headers[name];
    if (value !== undefined) lines.push(`${name}: ${shown(value)}`);
  }
  lines.push(bodyText(reply.text));
  if (reply.text.length > MAX_SHOWN_CHARACTERS) lines.push(...wrongItem(reply.text, mistakes));
  return lines.join("\n");
}

function nothingReceived(noReply: Failure["noReply"], notRestarted: Failure["notRestarted"]): string {
  if (notRestarted === "still listening") return "a server that does not go away";
  if (notRestarted !== undefined) return "no server";
  if (noReply === "unreadable") return "no readable reply";
  if (noReply === "no end") return "a reply that does not say where it ends";
  return noReply === "unreachable" || noReply === "too late" ? "no reply" : "no complete reply";
}

/** The first item of a list that a mistake names, in case the body is cut before it. */
function wrongItem(text: string, mistakes: string[]): string[] {
  const [, name = "", index = ""] = /`(\w+)\[(\d+)\]/.exec(mistakes.join("\n")) ?? [];
  if (name === "") return [];
  try {
    const body: unknown = JSON.parse(text);
    const list = (body as Record<string, unknown>)[name];
    return Array.isArray(list)
      ? [`where ${name}[${index}] is ${shown(JSON.stringify(list[Number(index)]) ?? "")}`]
      : [];
  } catch {
    return [];
  }
}

/** A body of blanks would be invisible, so it is shown as JSON. */
function bodyText(text: string): string {
  if (text === "") return "(no body)";
  if (text.trim() === "") return visible(JSON.stringify(text));
  return shown(text.replace(/[\r\n]+$/, ""));
}

function labelled(label: string, text: string): string[] {
  return text.split("\n").map((line, i) => `  ${(i === 0 ? label : "").padEnd(LABEL_WIDTH)}${line}`);
}

/** Cuts the text to fit on a screen, and replaces characters that control the terminal. */
function shown(text: string): string {
  const cut =
    text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}… (${text.length} characters)` : text;
  return inItsParts(visible(cut));
}

function ending(report: Report): string {
  const [passed, failed, waiting] = [countIn(report, "passed"), countIn(report, "failed"), countIn(report, "waiting")];
  const checks = (count: number) => `${count} ${count === 1 ? "check" : "checks"}`;
  if (failed === 0) {
    const needsStart = report.stages.flatMap((stage) => stage.needsStart ?? []);
    const rest = needsStart.length === 0 ? "" : `\nNot run without --start "COMMAND": ${needsStart.join(", ")}.`;
    const all = passed === 1 ? "The one check" : `All ${checks(passed)}`;
    const run = needsStart.length === 0 ? "" : " that could be run";
    return `${styleText("green", "✓")} ${all}${run} passed.${rest}`;
  }
  const after = waiting === 0 ? "" : ` ${checks(waiting)} ${waiting === 1 ? "is" : "are"} still waiting.`;
  return `${checks(passed)} passed, ${failed} failed.${after}`;
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
