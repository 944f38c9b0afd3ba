/**
 * What most commands need: who one is, a client for it, and a way to print for people or for programs.
 */
import { resolve } from "node:path";
import password from "@inquirer/password";
import { type Command, InvalidArgumentError } from "commander";
import { PlainchatClient } from "../client/plainchat-client.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { Identities, type Identity } from "./identities.ts";

export const DEFAULT_URL = "http://127.0.0.1:8080";
/** Somebody waits at the terminal: a server that does not answer is given up after a quarter of a minute. */
export const PATIENCE = { attempts: 3, timeoutSeconds: 5 };

/** The options that every command has. */
export interface GlobalOptions {
  url?: string;
  as?: string;
  json?: true;
}

export interface Somebody {
  /** Under which name they are kept on this machine. */
  name: string;
  identity: Identity;
  identities: Identities;
  client: PlainchatClient;
}

/** Who runs this command. @throws {CliError} when nobody is registered here. */
export async function whoRuns(command: Command): Promise<Somebody> {
  const { as, url } = command.optsWithGlobals<GlobalOptions>();
  const identities = await Identities.load();
  const address = url === undefined ? undefined : addressFrom(url);
  const { name, identity } = identities.get(as, address);
  const client = new PlainchatClient(address ?? identity.url, { credentials: identity, ...PATIENCE });
  return { name, identity, identities, client };
}

/** Prints a result: as one line of JSON with `--json`, for people otherwise. */
export function print(command: Command, value: unknown, text: string): void {
  const { json } = command.optsWithGlobals<GlobalOptions>();
  console.log(json === true ? JSON.stringify(value) : text);
}

/** The text behind the help of a command: what one would type. */
export function examples(...lines: [command: string, what: string][]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, what]) => `  $ plainchat ${command.padEnd(width)}   ${what}`).join("\n")}\n`;
}

/** A server's address, as people type it. @throws {CliError} when it cannot be one. */
export function addressFrom(typed: string): string {
  // A port alone is one of this machine.
  const host = /^:\d+/.test(typed) ? `127.0.0.1${typed}` : typed;
  const address = /^[a-z]+:\/\//i.test(host) ? host : `http://${host}`;
  if (!URL.canParse(address) || !/^https?:/i.test(address)) {
    throw new CliError(`"${typed}" is no address. One looks like ${DEFAULT_URL}, and ports end at 65535`, EXIT.usage);
  }
  if (/\/api(\/|$)/.test(new URL(address).pathname)) {
    throw new CliError(`Leave the path out: the address of a server looks like ${DEFAULT_URL}`, EXIT.usage);
  }
  return address.replace(/\/+$/, "");
}

/** So many of something, in words: "1 user", "2 users". */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** A path as the person meant it who typed it: npm has gone to the project's folder meanwhile. */
export function pathFrom(typed: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), typed);
}

/** Whether there is a person at both ends, who can be asked something. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** The class secret: as it was given, as PLAINCHAT_SECRET, or asked for. @throws {CliError} when nobody can be asked. */
export async function classSecret(given: string | undefined): Promise<string> {
  const secret = given ?? process.env.PLAINCHAT_SECRET;
  if (secret !== undefined) return secret;
  if (canAsk()) return password({ message: "The class secret:", mask: true }, { output: process.stderr });
  throw new CliError("The class secret is missing. Give it with --secret, or as PLAINCHAT_SECRET", EXIT.usage);
}

/** For commander, which says which argument it was. @throws {InvalidArgumentError} */
export function wholeNumber(text: string): number {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A whole number is wanted.");
}

/** For commander, too. */
export function wholeNumberFrom(least: number, greatest: number): (text: string) => number {
  return (text) => {
    const number = wholeNumber(text);
    if (number >= least && number <= greatest) return number;
    throw new InvalidArgumentError(`A number from ${least} to ${greatest} is wanted.`);
  };
}
