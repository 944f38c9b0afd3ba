/**
 * Covers the texts of messages in a trace, for a class whose teacher does not show them: `(12 characters)` stands in
 * their place. Everything goes with which somebody could test guesses of a short text: checksums, digests, and whatever
 * a client sent where the server expects something else, because it may be a text in the wrong place. Handles, steps,
 * statuses and the names of files stay. How far a pupil is in the course is covered, too: only the teacher and the pupil
 * should know it. trace-recorder.ts calls it before it hides tokens and secrets.
 */
import { NOT_SHOWN } from "../secrecy/concealed.ts";
import { countMistakes, KNOWN_FIELDS } from "../steps/near-miss.ts";
import type { Excerpt, FileTouch } from "../store/contract.ts";
import { SHOWN_FIELDS } from "./shown-inputs.ts";
import type { Trace, TracedInput, TracedSender } from "./trace.ts";

/** Names that tell what somebody did, even if no call knows them. */
const OTHER_NAMES = "id user userId authToken token auth password teacherKey rejoinCode".split(" ");
const NAMES = [...new Set([...KNOWN_FIELDS, ...SHOWN_FIELDS, ...OTHER_NAMES])];
const BOXES = ["received", "sent", "both"];
const MAX_HANDLE_CHARACTERS = 64;
/** A part of an address that may be a mistyped name. */
const LOOKS_LIKE_AN_ADDRESS = /^[\w.~-]{0,32}$/;
/** The files and the tables that have texts of messages in them. */
const JOURNAL = /^(?:messages\/|messages row |events row )/;
const PROGRESS = /^(?:class\/progress\/|class_progress row )/;

/** What stands in the place of a text. */
export function textCover(text: string): string {
  return `(${[...text].length} characters)`;
}

/** @returns the same trace without texts. The original stays as it is. */
export function coverTexts(trace: Trace): Trace {
  const { request, reason } = trace;
  const { sender, inputs, path } = request;
  return {
    ...trace,
    request: {
      ...request,
      path: trace.operation === "" ? coverPath(path) : path,
      ...(sender && { sender: coverSender(sender) }),
      inputs: inputs.map(isAboutProgress(trace) ? coverReport : coverInput),
    },
    ...(reason !== undefined && { reason: coverNames(reason) }),
    steps: trace.steps.map((step) => ({ ...step, files: step.files.map(coverFile) })),
  };
}

/** Whether it shows how far a pupil is in the course. The teacher sees that in the list, and nobody else. */
export function isAboutProgress({ operation }: Pick<Trace, "operation">): boolean {
  return operation.startsWith("progress.");
}

/** The ids of the messages whose texts are in a trace. "unknown" if a text is there that may have become a message. */
export function messagesIn({ request, status, steps }: Trace): number[] | "unknown" {
  const ids = new Set<number>();
  for (const { files } of steps) {
    for (const { path, before, after } of files) {
      if (!JOURNAL.test(path)) continue;
      for (const line of `${before?.text ?? ""}\n${after?.text ?? ""}`.split("\n")) {
        const record = recordIn(line);
        if (record !== undefined) ids.add(Number(record.messageId ?? record.message_id));
      }
    }
  }
  const isSent = status === 200 && request.inputs.some(({ name, value }) => name === "message" && value !== undefined);
  return isSent && ids.size === 0 ? "unknown" : [...ids];
}

function coverInput(input: TracedInput): TracedInput {
  const { name, value } = input;
  if (!isNameShown(name)) return { ...input, name: nameCover(name) };
  if (typeof value !== "string") return input;
  if (name === "userHandle") return { name, value: coverHandle(value) };
  if (name === "box" && BOXES.some((box) => isNear(value, box))) return input;
  return { name, value: textCover(value) };
}

/** The id of a case is what the pupil's program says, so it may be anything: `somebody-is-a-fool`. */
function coverReport(input: TracedInput): TracedInput {
  return input.name === "myId" || typeof input.value === "string"
    ? coverInput(input)
    : { name: coverInput(input).name };
}

function coverSender(sender: TracedSender): TracedSender {
  const { userHandle } = sender;
  return userHandle === undefined ? sender : { ...sender, userHandle: coverHandle(userHandle) };
}

/** What cannot be a handle may be a text. */
function coverHandle(handle: string): string {
  return [...handle].length > MAX_HANDLE_CHARACTERS || /\p{Cc}/u.test(handle) ? textCover(handle) : handle;
}

function coverPath(path: string): string {
  return path
    .split("/")
    .map((part) => (LOOKS_LIKE_AN_ADDRESS.test(part) ? part : textCover(part)))
    .join("/");
}

/** A sentence of the server repeats no values, but some sentences name the input that somebody sent. */
function coverNames(reason: string): string {
  return reason.replace(/(^|twice: |[Yy]ou sent |no input )`([A-Za-z]\w*)`/g, (all, before: string, name: string) =>
    isNameShown(name) ? all : `${before}\`${nameCover(name)}\``,
  );
}

function nameCover(name: string): string {
  return name.startsWith("(") ? name : `(a name of ${[...name].length} characters)`;
}

/** Only if it is a known name, or one with a typing mistake in it. */
function isNameShown(name: string): boolean {
  return NAMES.some((known) => isNear(name, known));
}

function isNear(word: string, known: string): boolean {
  const allowed = known.length < 6 ? 1 : 2;
  if (Math.abs(word.length - known.length) > allowed) return false;
  return countMistakes(word.toLowerCase(), known.toLowerCase()) <= allowed;
}

function coverFile(file: FileTouch): FileTouch {
  const cover = JOURNAL.test(file.path) ? coverLines : PROGRESS.test(file.path) ? () => null : undefined;
  if (cover === undefined) return file;
  return { ...file, before: coverExcerpt(file.before, cover), after: coverExcerpt(file.after, cover) };
}

function coverExcerpt(excerpt: Excerpt | null, cover: (text: string) => string | null): Excerpt | null {
  if (excerpt === null || excerpt.text === null) return excerpt;
  return { ...excerpt, text: cover(excerpt.text) };
}

function coverLines(text: string): string {
  return text.replace(/[^\n]+/g, coverLine);
}

/** A line of the journal, or a row. One that cannot be read may be anything. */
function coverLine(line: string): string {
  const record = recordIn(line);
  if (record === undefined) return isJson(line) ? line : NOT_SHOWN;
  const { message, digest, crc } = record;
  return JSON.stringify({
    ...record,
    ...(digest !== undefined && { digest: NOT_SHOWN }),
    message: textCover(String(message)),
    ...(crc !== undefined && { crc: NOT_SHOWN }),
  });
}

/** Undefined if the line holds no message. */
function recordIn(line: string): Record<string, unknown> | undefined {
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
