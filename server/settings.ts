/**
 * Reads the settings from flags and environment variables. A flag wins over a variable, and a variable over the
 * default. serve.ts calls it.
 */
import { isIP } from "node:net";
import { parseArgs } from "node:util";
import { MAX_CONNECTIONS } from "./http/limits/connections.ts";
import { readOrigin } from "./http/request/allowed-origins.ts";
import { readHost } from "./http/request/known-hosts.ts";
import { OPEN_FOR_EACH } from "./live/live.ts";
import { allNames, readLocalName } from "./local-name/names.ts";
import { isDatabaseAddress, problemOfAddress } from "./store/postgres/connection/database-address.ts";

export interface Settings {
  /** The data folder. */
  root: string;
  /** The address of a database that has the data instead, such as `postgres://host/plainchat`. */
  database: string | undefined;
  /** Whether a database is refused whose settings may lose what was answered with 200. */
  mustBeDurable: boolean;
  host: string;
  /** The other websites whose pages may send requests to the server, as readOrigin() returns them. */
  allowedOrigins: string[];
  /** The names of the server. Without class mode and without names, any name is fine. */
  allowedHosts: string[];
  /** In class mode, everyone may watch what everyone's requests do. */
  isClass: boolean;
  /** The name on the local network, without `.local`. Undefined without class mode, or if the server has none. */
  localName: string | undefined;
  /** 0 lets the system choose a free port. */
  port: number;
  trustedProxies: number;
  logLevel: string;
  /** The size in bytes at which the journal continues in a new file. */
  maxFileBytes: number;
  /** How many open streams a user may have, and how many waiting fetches. */
  openForEach: number;
  /** How many connections may be open. */
  maxConnections: number;
}

export const HELP = `plainchat: a chat server that you can see through

  npm start -- [options]

  --root DIR    the data folder            (PLAINCHAT_ROOT, ./data)
  --store ADDR  a PostgreSQL database that has the data instead, such as postgres://host/plainchat;
                several servers may share it
                                           (PLAINCHAT_STORE)
  --not-durable  with --store: use the database even if its settings can lose messages that were
                answered with 200, in a power cut or when another computer takes over
                                           (PLAINCHAT_NOT_DURABLE=1)
  --port N      the port; 0: any free one  (PLAINCHAT_PORT, 8080)
  --host ADDR   the address to listen on; 0.0.0.0: the whole network can reach the server
                                           (PLAINCHAT_HOST, 127.0.0.1)
  --class       for a lesson: the whole network can reach the server, and everyone
                can watch what everyone's requests do
                                           (PLAINCHAT_CLASS=1)
  --local-name NAME  with --class: the class also reaches the server at NAME.local; for a second
                class in the same school, choose another name
                                           (PLAINCHAT_LOCAL_NAME, plainchat)
  --no-local-name  with --class: no such name, and no multicast DNS
                                           (PLAINCHAT_NO_LOCAL_NAME=1)
  --allow-origin ORIGIN  a web page of this origin may use the server, such as http://localhost:3000;
                'local': every page of this computer and the local network; '*': every page;
                use the flag several times for several origins
                                           (PLAINCHAT_ALLOW_ORIGIN, with blanks between)
  --allow-host NAME  the server has this name, too; class mode refuses names that it does not know
                                           (PLAINCHAT_ALLOW_HOST, with blanks between)
  --help        show this text

  PLAINCHAT_LOG_LEVEL    error, warn, info or debug; debug writes a line for each request (info)
  PLAINCHAT_TRUST_PROXY  how many proxies are in front of the server (0)
  PLAINCHAT_MAX_FILE_BYTES  the size at which messages continue in a new file (67108864)
  PLAINCHAT_OPEN_FOR_EACH  how many open streams a user may have, and how many waiting fetches (32)
  PLAINCHAT_MAX_CONNECTIONS  how many connections may be open; one address gets a quarter of them (4096)
`;

const LOG_LEVELS = ["error", "warn", "info", "debug"];
const MAX_PORT = 65_535;
const MAX_OPEN_FOR_EACH = 20_000;
const MAX_MAX_CONNECTIONS = 100_000;
/** The index stores positions in a file as 32 bits. Using half of that range leaves room for the last batch. */
const MAX_MAX_FILE_BYTES = 2 ** 31;

const FLAGS = [
  "root",
  "store",
  "not-durable",
  "port",
  "host",
  "class",
  "local-name",
  "allow-origin",
  "allow-host",
] as const;

/** @throws {Error} with a sentence for the person at the terminal. @returns "help" for the flag --help. */
export function readSettings(args: string[], environment: Record<string, string | undefined>): Settings | "help" {
  const { values, positionals } = parseFlags(args);
  for (const flag of FLAGS) {
    if (values[flag] === undefined && npmKept(flag, environment)) {
      // npm notes --no-local-name as an empty --local-name.
      const isOff = flag === "local-name" && environment.npm_config_local_name === "";
      const name = isOff ? "no-local-name" : flag;
      throw new Error(`npm kept --${name} for itself. Put flags after two dashes: ${exampleWith(name)}`);
    }
  }
  if (positionals.length > 0) {
    throw new Error(`I do not know what "${positionals[0]}" means. Put flags after two dashes: ${exampleWith("port")}`);
  }
  if (values.help === true) return "help";
  const isClass = values.class ?? environment.PLAINCHAT_CLASS === "1";
  const host = hostFrom(values.host ?? environment.PLAINCHAT_HOST ?? (isClass ? "0.0.0.0" : "127.0.0.1"));
  const hosts = wordsOf(values["allow-host"] ?? environment.PLAINCHAT_ALLOW_HOST);
  const isNameless = values["no-local-name"] ?? environment.PLAINCHAT_NO_LOCAL_NAME === "1";
  const wantedName = readLocalName(values["local-name"] ?? environment.PLAINCHAT_LOCAL_NAME ?? "plainchat");
  const localName = isClass && !isNameless ? wantedName : undefined;
  if (localName !== undefined) hosts.push(...allNames(localName));
  const database = databaseFrom(values.store ?? environment.PLAINCHAT_STORE);
  if (values["not-durable"] === true && database === undefined) {
    throw new Error("--not-durable is about a database: add --store. A data folder is always durable");
  }
  return {
    root: values.root ?? environment.PLAINCHAT_ROOT ?? "./data",
    database,
    mustBeDurable: (values["not-durable"] ?? environment.PLAINCHAT_NOT_DURABLE === "1") === false,
    host,
    allowedOrigins: wordsOf(values["allow-origin"] ?? environment.PLAINCHAT_ALLOW_ORIGIN).map(readOrigin),
    // A server that listens at a name has that name. An address needs no permission.
    allowedHosts: (hosts.length > 0 || isClass ? [...hosts, host] : hosts)
      .filter((each) => isIP(each) === 0)
      .map(readHost),
    isClass,
    localName,
    port: wholeNumber("The port", values.port ?? environment.PLAINCHAT_PORT ?? "8080", MAX_PORT),
    trustedProxies: wholeNumber("PLAINCHAT_TRUST_PROXY", environment.PLAINCHAT_TRUST_PROXY ?? "0", 10),
    maxFileBytes: wholeNumber(
      "PLAINCHAT_MAX_FILE_BYTES",
      environment.PLAINCHAT_MAX_FILE_BYTES ?? "67108864",
      MAX_MAX_FILE_BYTES,
    ),
    openForEach: wholeNumber(
      "PLAINCHAT_OPEN_FOR_EACH",
      environment.PLAINCHAT_OPEN_FOR_EACH ?? String(OPEN_FOR_EACH),
      MAX_OPEN_FOR_EACH,
    ),
    maxConnections: wholeNumber(
      "PLAINCHAT_MAX_CONNECTIONS",
      environment.PLAINCHAT_MAX_CONNECTIONS ?? String(MAX_CONNECTIONS),
      MAX_MAX_CONNECTIONS,
    ),
    logLevel: oneOf("PLAINCHAT_LOG_LEVEL", environment.PLAINCHAT_LOG_LEVEL ?? "info", LOG_LEVELS),
  };
}

/** Whether npm got a flag without two dashes before it. It keeps such a flag, and only notes it in a variable. */
function npmKept(flag: (typeof FLAGS)[number], environment: Record<string, string | undefined>): boolean {
  // Of --class it makes its own flags -l, -a and -s, for "long", "all" and "silent".
  if (flag === "class") return environment.npm_config_long === "true" && environment.npm_config_all === "true";
  return environment[`npm_config_${flag.replaceAll("-", "_")}`] !== undefined;
}

/** A command that has a flag in the right place. */
function exampleWith(flag: (typeof FLAGS)[number] | "no-local-name"): string {
  const values = {
    root: " DIR",
    store: " postgres://host/plainchat",
    "not-durable": "",
    port: " 8081",
    host: " 0.0.0.0",
    class: "",
    "local-name": " physics",
    "no-local-name": "",
  };
  const more = { "allow-origin": " http://localhost:3000", "allow-host": " chat.example.org" };
  return `npm start -- --${flag}${{ ...values, ...more }[flag]}`;
}

function parseFlags(args: string[]) {
  try {
    const string = { type: "string" } as const;
    const strings = { type: "string", multiple: true } as const;
    const options = {
      root: string,
      store: string,
      "not-durable": { type: "boolean" },
      port: string,
      host: string,
      "allow-origin": strings,
      "allow-host": strings,
      class: { type: "boolean" },
      "local-name": string,
      "no-local-name": { type: "boolean" },
      help: { type: "boolean", short: "h" },
    } as const;
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    const unknown = error instanceof Error && /^Unknown option '([^']*)'/.exec(error.message)?.[1];
    const sentence = "Each flag needs a value, except --class, --no-local-name, --not-durable and --help";
    throw new Error(unknown ? `There is no flag ${unknown}` : sentence, { cause: error });
  }
}

/** @throws {Error} if it is no address, without the password in it. */
function databaseFrom(address: string | undefined): string | undefined {
  if (address === undefined || address === "") return undefined;
  if (!isDatabaseAddress(address)) {
    throw new Error("--store needs the address of a PostgreSQL database, such as postgres://user@host:5432/plainchat");
  }
  const problem = problemOfAddress(address);
  if (problem !== undefined) throw new Error(problem);
  return address;
}

/** @throws {Error} if nothing was given: Node would take that for every address of this computer. */
function hostFrom(text: string): string {
  if (text === "") throw new Error("--host needs an address. 0.0.0.0 means all addresses of this computer");
  // Fastify would start a second server for ::1, without our checks (request-order.ts).
  return /^localhost\.?$/i.test(text) ? "127.0.0.1" : text;
}

/** The values of a flag that may be there several times, or the words of a variable. */
function wordsOf(given: string | string[] = []): string[] {
  return [given].flat().flatMap((text) => text.split(/[\s,]+/).filter((word) => word !== ""));
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw new Error(`${name} must be a whole number from 0 to ${max}`);
}

function oneOf(name: string, text: string, words: string[]): string {
  if (words.includes(text)) return text;
  throw new Error(`${name} must be one of: ${words.join(", ")}`);
}
