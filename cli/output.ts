/**
 * The only way to the terminal: standard output for results, standard error for everything else. What is printed has
 * been made visible. An error of standard output, such as a full disk, becomes the exit code. A reader that has gone
 * away (`plainchat inbox | head -1`) is no error.
 */
import { visible } from "../check/report/visible.ts";
import { isCode } from "../server/store/error-code.ts";
import { CliError, EXIT, sentenceIn } from "./cli-error.ts";
import { type Printable, shown } from "./styled.ts";

let isUsed = false;
let failure: Error | undefined;
const readerGone = new AbortController();

/** Aborted when nobody reads standard output any more. A command that would go on for ever ends then. */
export const nobodyReads = readerGone.signal;

process.stdout.on("error", (error) => {
  if (!isUsed) return;
  failure ??= error;
  if (isCode(error, "EPIPE")) readerGone.abort();
});
// Without standard error there is nobody to tell.
process.stderr.on("error", () => {});

/** Prints a result. */
export function say(text: Printable): void {
  write(`${shown(text)}\n`);
}

/** Prints a result for programs. As JSON, hidden characters can be escaped, and mean the same. */
export function sayJson(value: unknown): void {
  say(JSON.stringify(value));
}

/** Prints what a person should know, but is not the result. */
export function tell(text: Printable): void {
  process.stderr.write(`${shown(text)}\n`);
}

/** Writes text that is safe already, with the escape sequences of this program in it. */
export function write(text: string): void {
  isUsed = true;
  if (failure === undefined) process.stdout.write(text);
}

/** Waits until everything is written. @throws {CliError} when it could not be. */
export async function everythingWritten(): Promise<void> {
  if (!isUsed) return;
  failure ??= await new Promise<Error | undefined>((resolve) =>
    process.stdout.write("", (error) => resolve(error ?? undefined)),
  );
  if (failure === undefined || isCode(failure, "EPIPE")) return;
  const why = isCode(failure, "ENOSPC") ? "the disk is full" : visible(sentenceIn(failure));
  throw new CliError(`The command is done, but its result could not be written: ${why}`, EXIT.notWritten);
}
