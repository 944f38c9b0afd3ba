/**
 * What most commands need: what people type as addresses, numbers and paths, questions to them, and a way to print for
 * people or programs. somebody.ts says who runs a command.
 */
import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { visibleInLine } from "../check/report/visible.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { LAUNCHER } from "./launcher.ts";
import { say, sayJson } from "./output.ts";
import type { Printable } from "./styled.ts";

export const DEFAULT_URL = "http://127.0.0.1:8080";
/** The options that every command has. */
export interface GlobalOptions {
  url?: string;
  as?: string;
  json?: true;
}

/** Prints a result: as one line of JSON with `--json`, for people otherwise. */
export function print(command: Command, value: unknown, text: Printable): void {
  const { json } = command.optsWithGlobals<GlobalOptions>();
  if (json === true) sayJson(value);
  else say(text);
}

/** Examples to print after the help of a command. */
export function examples(...lines: [command: string, what: string][]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, what]) => `  $ ${LAUNCHER} ${command.padEnd(width)}   ${what}`).join("\n")}\n`;
}

/** A server's address, as people type it. @throws {CliError} when it cannot be one. */
export function addressFrom(typed: string): string {
  // A port alone means this computer.
  const host = /^:\d+/.test(typed) ? `127.0.0.1${typed}` : typed;
  const address = /^[a-z]+:\/\//i.test(host) ? host : `http://${host}`;
  if (!URL.canParse(address) || !/^https?:/i.test(address)) {
    throw new CliError(
      `"${typed}" is not an address. An address looks like ${DEFAULT_URL}, and a port is at most 65535`,
      EXIT.usage,
    );
  }
  if (/\/api(\/|$)/.test(new URL(address).pathname)) {
    throw new CliError(`Leave out the path. The address of a server looks like ${DEFAULT_URL}`, EXIT.usage);
  }
  return address.replace(/\/+$/, "");
}

/** A number with its noun: "1 user", "2 users". */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/**
 * A path that somebody typed. It starts at the folder they were in: npm and the file `plainchat` save that folder in
 * INIT_CWD before they go to the repository.
 */
export function pathFrom(typed: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), typed);
}

/** Whether a person can see a question and type an answer. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks a question, to be answered with yes or no. Only if canAsk(). */
export async function isMeant(question: string): Promise<boolean> {
  const { default: confirm } = await import("@inquirer/confirm");
  return confirm({ message: visibleInLine(question), default: false }, { output: process.stderr });
}

/** Asks for something that nobody should see on the screen. Only if canAsk(). */
export async function askHidden(message: string): Promise<string> {
  const { default: password } = await import("@inquirer/password");
  return password({ message, mask: true }, { output: process.stderr });
}

/**
 * The class secret, from the option, from PLAINCHAT_SECRET, or typed in.
 * @throws {CliError} when there is nobody to ask.
 */
export async function classSecret(given: string | undefined): Promise<string> {
  const secret = given ?? process.env.PLAINCHAT_SECRET;
  if (secret !== undefined) return secret;
  if (canAsk()) return askHidden("The class secret:");
  throw new CliError("The class secret is missing. Use --secret, or set PLAINCHAT_SECRET", EXIT.usage);
}

/**
 * Parses an argument for commander, which adds the name of the argument to the error. @throws {InvalidArgumentError}
 */
function wholeNumber(text: string): number {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Use a whole number.");
}

/** Makes a parser for the number of a message. It also takes the # that inbox shows before the number. */
export function messageNumberFrom(least: 0 | 1): (text: string) => number {
  const parse = wholeNumberFrom(least, Number.MAX_SAFE_INTEGER);
  return (text) => parse(text.replace(/^#/, ""));
}

/** Makes a parser for commander, like wholeNumber(). */
export function wholeNumberFrom(least: number, greatest: number): (text: string) => number {
  return (text) => {
    const number = wholeNumber(text);
    if (number >= least && number <= greatest) return number;
    throw new InvalidArgumentError(`Use a number from ${least} to ${greatest}.`);
  };
}
