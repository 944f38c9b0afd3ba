/**
 * Creates the log: JSON lines for programs, readable lines for a person at a terminal. Never give it a secret, a token
 * or the text of a message. As a second line of defence, it leaves out fields with such names.
 */
import { destination, type Logger, pino, stdTimeFunctions } from "pino";
import pretty from "pino-pretty";

const STANDARD_OUTPUT = 1;
const NEVER_WRITTEN = ["secret", "myAuth", "authToken", "message", "authorization"];

export function createLog(level: string, isTerminal: boolean): Logger {
  const options = {
    level,
    base: null,
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: stdTimeFunctions.isoTime,
    messageKey: "event",
    redact: { paths: NEVER_WRITTEN.flatMap((name) => [name, `*.${name}`]), remove: true },
    serializers: { error: describeError },
  };
  // Written at once, because the last lines before a crash matter most.
  if (!isTerminal) return pino(options, destination({ fd: STANDARD_OUTPUT, sync: true }));
  const lines = pretty({ messageKey: "event", translateTime: "HH:MM:ss", singleLine: true, sync: true });
  return pino(options, lines);
}

/** An error with all its causes, because only the log gets the details of an error. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) causes.push(String(cause));
  return { text: String(error), ...(causes.length > 0 && { causes }), stack: error.stack };
}
