/**
 * The log: JSON lines for programs, readable lines for a person at a terminal. No secret, no token and no message text
 * is ever given to it; as a second line of defence, fields with such names are not written.
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
  // Written at once, not later: the last lines before a crash are the ones that matter.
  if (!isTerminal) return pino(options, destination({ fd: STANDARD_OUTPUT, sync: true }));
  const lines = pretty({ messageKey: "event", translateTime: "HH:MM:ss", singleLine: true, sync: true });
  return pino(options, lines);
}

/** An error with everything that caused it: the log is where the whole story belongs. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) causes.push(String(cause));
  return { text: String(error), ...(causes.length > 0 && { causes }), stack: error.stack };
}
