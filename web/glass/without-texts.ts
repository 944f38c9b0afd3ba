/**
 * Takes texts of messages out of what the page still shows: the teacher has covered them, or a message is gone. The
 * server covers them in everything that it sends from then on; this is for what is on the wall and in the glass already.
 */
import { type Excerpt, type Gone, rowIn, type Trace } from "../../client/trace.ts";

interface Line {
  message?: string;
}

/** @returns the same trace without texts, as the server would send it. */
export function traceWithoutTexts(trace: Trace): Trace {
  const { request, steps } = trace;
  const inputs = request.inputs.map(({ name, value, ...rest }) => ({
    ...rest,
    name,
    ...(value !== undefined && { value: name === "message" && typeof value === "string" ? coverFor(value) : value }),
  }));
  const cover = (excerpt: Excerpt | null) =>
    excerpt === null || excerpt.text === null ? excerpt : { ...excerpt, text: textWithoutTexts(excerpt.text) };
  return {
    ...trace,
    request: { ...request, inputs },
    steps: steps.map((step) => ({
      ...step,
      files: step.files.map((file) =>
        isJournal(file.path) ? { ...file, before: cover(file.before), after: cover(file.after) } : file,
      ),
    })),
  };
}

/** The same for a line of the journal, or for a row of a database. */
export function lineWithoutText(line: string): string {
  const record = lineIn(line);
  if (record === undefined) return line;
  const { message = "" } = record;
  const hidden = "(not shown)";
  return JSON.stringify({
    ...record,
    ...("digest" in record && { digest: hidden }),
    message: isCovered(message) ? message : coverFor(message),
    ...("crc" in record && { crc: hidden }),
  });
}

/** Whether a trace shows a text of what is gone. */
export function mentions(trace: Trace, gone: Gone): boolean {
  return linesOf(trace).some((line) => isAbout(line, gone));
}

/** Whether a line of the journal has the text of a message that is gone. */
export function isAbout(line: string, { messageId, toId }: Gone): boolean {
  if (!line.includes('"message":"')) return false;
  return messageId === undefined ? numberIn(line, "toId") === toId : numberIn(line, "messageId") === messageId;
}

/** Whether a line of the journal is from or to one of these users. */
export function isBetween(line: string, users: ReadonlySet<number>): boolean {
  return users.has(numberIn(line, "fromId")) || users.has(numberIn(line, "toId"));
}

/** The fields of a line of the journal, and the columns of a row. */
const NUMBERS = {
  messageId: /"(?:messageId|message_id)":(\d+)/,
  fromId: /"(?:fromId|from_id)":(\d+)/,
  toId: /"(?:toId|to_id)":(\d+)/,
};

/** Also in a line that is cut. In a text, quotes have backslashes, so nothing there is taken for a field. */
function numberIn(line: string, field: keyof typeof NUMBERS): number {
  return Number(NUMBERS[field].exec(line)?.[1]);
}

/** The lines of the journal that a trace shows. */
function linesOf({ steps }: Trace): string[] {
  const files = steps.flatMap(({ files }) => files).filter(({ path }) => isJournal(path));
  return files.flatMap(({ before, after }) => `${before?.text ?? ""}\n${after?.text ?? ""}`.split("\n"));
}

function textWithoutTexts(text: string): string {
  // What cannot be read is cut off at its end, and the cut may go through a text.
  return text.replace(/[^\n]+/g, (line) => (isJson(line) ? lineWithoutText(line) : "(not shown)"));
}

/** Whether texts of messages are in this file or row. */
function isJournal(path: string): boolean {
  return path.startsWith("messages/") || /^(?:messages|events)$/.test(rowIn(path)?.table ?? "");
}

function coverFor(text: string): string {
  return isCovered(text) ? text : `(${[...text].length} characters)`;
}

function isCovered(text: string): boolean {
  return /^\(\d+ characters\)$/.test(text);
}

/** Undefined if the line holds no message. */
function lineIn(line: string): Line | undefined {
  try {
    const record = JSON.parse(line);
    return typeof record === "object" && record !== null && "message" in record ? record : undefined;
  } catch {
    return undefined;
  }
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
