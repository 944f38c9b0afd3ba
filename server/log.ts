/**
 * Creates the log: JSON lines for programs, readable lines for a person at a terminal. Never give it a secret, a token
 * or the text of a message. As a second line of defence, it leaves out fields with such names, and covers everything
 * that looks like a secret or a token.
 */
import { destination, type Logger, type LoggerOptions, pino, stdTimeFunctions } from "pino";
import pretty from "pino-pretty";
import { coverSecrets } from "./secrecy/looks-secret.ts";

const STANDARD_OUTPUT = 1;
const NEVER_WRITTEN = ["secret", "myAuth", "authToken", "teacherKey", "rejoinCode", "message", "authorization"];

export function createLog(level: string, isTerminal: boolean): Logger {
  const options = logOptions(level);
  // Written at once, because the last lines before a crash matter most.
  if (!isTerminal) return pino(options, destination({ fd: STANDARD_OUTPUT, sync: true }));
  const lines = pretty({ messageKey: "event", translateTime: "HH:MM:ss", singleLine: true, sync: true });
  return pino(options, lines);
}

/** How a line of the log is made from what it is about. */
export function logOptions(level: string): LoggerOptions {
  return {
    level,
    base: null,
    formatters: {
      level: (label) => ({ level: label }),
      log: (fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, covered(value)])),
    },
    timestamp: stdTimeFunctions.isoTime,
    messageKey: "event",
    redact: { paths: NEVER_WRITTEN.flatMap((name) => [name, `*.${name}`]), remove: true },
  };
}

/**
 * A value without secrets and tokens. The hash of a handle is shortened, which is enough to find its file: somebody may
 * have sent the class secret as a handle, and the log may be kept where others can read it.
 */
function covered(value: unknown): unknown {
  if (typeof value === "string") return coverSecrets(value).replace(/\b([0-9a-f]{4})[0-9a-f]{60}\b/g, "$1…");
  if (value instanceof Error) return covered(describeError(value));
  if (Array.isArray(value)) return value.map(covered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, covered(each)]));
}

/** An error with all its causes, because only the log gets the details of an error. */
function describeError(error: Error): object {
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) causes.push(String(cause));
  return { text: String(error), ...(causes.length > 0 && { causes }), stack: error.stack };
}
