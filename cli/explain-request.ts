/**
 * Sends a request and shows what the server did with it, step by step. commands/explain.ts calls it.
 */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { NoReply, type Reply, type SentRequest } from "../check/exchange/exchange.ts";
import { httpExchange } from "../check/node/http-exchange.ts";
import { visibleInLine } from "../check/report/visible.ts";
import * as shapes from "../client/reply-shapes.ts";
import { readJson } from "../client/request.ts";
import type { Trace } from "../client/trace.ts";
import { readSteps } from "../server/explain/step-list.ts";
import { CliError, EXIT, whyNotRead } from "./cli-error.ts";
import { addressFrom, DEFAULT_URL, type GlobalOptions, pathFrom, print } from "./context.ts";
import { Identities, type Identity } from "./identities.ts";
import { LAUNCHER } from "./launcher.ts";
import { textOf } from "./message-text.ts";
import { tell } from "./output.ts";
import { commandLine } from "./shell-word.ts";
import { showPlan, showTrace } from "./show-trace.ts";
import { isTyped, type Somebody, tellProblems } from "./somebody.ts";
import { joined, line, type Printable } from "./styled.ts";

export interface ExplainOptions {
  data?: string | undefined;
  user?: string;
  header: string[];
  credentials: boolean;
  plan?: string;
}

const METHODS = ["GET", "POST", "PATCH", "DELETE", "QUERY", "HEAD"];
const MAX_SHOWN_REPLY_CHARACTERS = 2000;
/** A fetch with `wait` may take a minute. */
const PATIENCE_MILLISECONDS = 70_000;

export function printPlan(operation: string, command: Command): void {
  const operations = readSteps();
  const steps = operations.get(operation);
  if (steps === undefined) {
    const names = [...operations.keys()].sort().join(", ");
    throw new CliError(`There is no operation "${operation}". Choose one of: ${names}`, EXIT.usage);
  }
  print(command, { operation, steps }, showPlan(steps));
}

export async function explain(
  typedMethod: string | undefined,
  path: string | undefined,
  options: ExplainOptions,
  command: Command,
): Promise<void> {
  const method = (typedMethod ?? "").toUpperCase();
  if (!METHODS.includes(method)) throw new CliError(wrongMethod(method), EXIT.usage);
  if (path === undefined) {
    throw new CliError(`The path is missing. For example: ${LAUNCHER} explain ${method} /api/v1/users`, EXIT.usage);
  }
  if (!path.startsWith("/")) {
    throw new CliError(
      "A path starts with a slash, for example /api/v1/chat. Use --url to choose the server",
      EXIT.usage,
    );
  }
  const { url, as } = command.optsWithGlobals<GlobalOptions>();
  const typed = url === undefined ? undefined : addressFrom(url);
  const given = { ...options, data: await dataFrom(options.data) };
  const somebody = await whoAsks(as, typed, command);
  const server = typed ?? somebody?.identity.url ?? DEFAULT_URL;
  const isForMe = needsMe(method, path, given);
  if (isForMe && somebody === undefined) {
    tell(
      `You are not registered at ${server} on this computer (${LAUNCHER} register HANDLE), so the request has no id and token.`,
    );
  }
  const headers = headersFor(given, isForMe ? somebody?.identity : undefined);
  const reply = await send({ url: server + path, method, headers, body: given.data });
  // Before anything else can go wrong: a lost token cannot be replaced.
  if (somebody !== undefined && reply.status === 200) {
    await keepUp(somebody, { method, path, data: given.data }, reply);
  }
  const trace = await traceOf(server, reply);
  print(command, { status: reply.status, reply: reply.text, trace }, text(trace, reply));
}

/** @param typed in capital letters. It is empty if nothing was typed. */
function wrongMethod(typed: string): string {
  const all = METHODS.join(", ");
  if (typed === "") return `Type a method (${all}) and a path: ${LAUNCHER} explain GET /api/v1/users`;
  if (typed.startsWith("/")) {
    return `The method is missing before the path: ${commandLine("explain", ["GET", typed.toLowerCase()])}`;
  }
  const hint = typed === "PUT" ? ". To change something, use PATCH" : "";
  return `"${typed}" is not a method of this server. It has: ${all}${hint}`;
}

/** The body: the typed text, or the text of a file. */
async function dataFrom(typed: string | undefined): Promise<string | undefined> {
  if (typed === undefined || !typed.startsWith("@")) return typed;
  const name = typed.slice(1);
  const bytes = await readFile(pathFrom(name)).catch((error) => {
    throw new CliError(`The body cannot be read from ${name}, the file after @: ${whyNotRead(error)}`, EXIT.usage);
  });
  return textOf(bytes, name);
}

/** Whether the request needs my id and token. */
function needsMe(method: string, path: string, { data, user, credentials }: ExplainOptions): boolean {
  const isRegistration = method === "POST" && isRegister(path);
  const areGiven = user !== undefined || /"my(Id|Auth)"/.test(data ?? "");
  return credentials && !areGiven && !isRegistration;
}

function isRegister(path: string): boolean {
  return path.split("?", 1)[0] === "/api/v1/register";
}

/** An identity on this computer, and the file that it is in. */
type Asking = Pick<Somebody, "name" | "identity" | "identities">;

/** The identity of `--as`, or the one at this server. There may be none: such a request can also be explained. */
async function whoAsks(as: string | undefined, url: string | undefined, command: Command): Promise<Asking | undefined> {
  const identities = await Identities.load();
  const isForOne = command.getOptionValueSourceWithGlobals("as") === "cli";
  if (!isForOne && !identities.hasAnybody(url)) return undefined;
  const found = identities.get(as, url, isTyped(command));
  tellProblems(identities);
  return { ...found, identities };
}

/** Saves a new handle or token of your own. Otherwise the server would refuse the next command. */
async function keepUp(
  { name, identity, identities }: Asking,
  { method, path, data }: { method: string; path: string; data: string | undefined },
  reply: Reply,
): Promise<void> {
  if (!isRegister(path)) return;
  const { userId, authToken } = objectIn(reply.text) as { userId?: number; authToken?: string };
  if (userId !== identity.myId) return;
  if (method === "DELETE") await identities.remove(name);
  if (method !== "PATCH" || typeof authToken !== "string") return;
  const given = objectIn(data ?? "{}") as { userHandle?: unknown };
  const typed = given.userHandle ?? new URLSearchParams(path.split("?")[1]).get("userHandle");
  const userHandle = typeof typed === "string" ? typed : identity.userHandle;
  await identities.put(name, { ...identity, userHandle, myAuth: authToken });
}

/** Another program may have answered. Whatever is not an object counts as one without fields. */
function objectIn(text: string): object {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function headersFor({ data, user, header }: ExplainOptions, identity: Identity | undefined): Record<string, string> {
  const headers: Record<string, string> = { explain: "1" };
  if (data !== undefined) headers["content-type"] = "application/json";
  const credentials = user ?? (identity === undefined ? undefined : `${identity.myId}:${identity.myAuth}`);
  if (credentials !== undefined) headers.authorization = `Basic ${Buffer.from(credentials).toString("base64")}`;
  for (const line of header) {
    const [, name, value] = /^([\w-]+): *(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new CliError(`Write a header like this: "Name: value"`, EXIT.usage);
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

async function traceOf(server: string, { status, headers, text }: Reply): Promise<Trace> {
  const [, path] = /<(\/api\/v1\/explain\/[\w-]+)>/.exec(String(headers.link)) ?? [];
  if (path === undefined) {
    const answer = visibleInLine(text.slice(0, MAX_SHOWN_REPLY_CHARACTERS).trim());
    throw new CliError(
      `The server answered ${status} but explained nothing. Either this call has no steps, or it is not a plainchat server. ${answer}`,
      EXIT.refused,
    );
  }
  const reply = await send({ url: server + path, method: "GET", headers: {}, body: undefined });
  if (reply.status !== 200) throw new CliError("The server no longer has the steps of this request", EXIT.refused);
  return readJson(reply.text, shapes.trace, { url: server });
}

/** @throws {CliError} when no reply comes. */
async function send(request: SentRequest): Promise<Reply> {
  try {
    return await httpExchange.send(request, PATIENCE_MILLISECONDS);
  } catch (error) {
    if (error instanceof NoReply)
      throw new CliError(`No reply from ${request.url}. ${error.message}`, EXIT.unreachable);
    throw error;
  }
}

function text(trace: Trace, { status, text: body, headers }: Reply): Printable {
  const { method, path } = trace.request;
  const isStream = headers["content-type"]?.startsWith("text/event-stream") === true;
  const reply = isStream ? "(a stream, which continues)" : body.slice(0, MAX_SHOWN_REPLY_CHARACTERS).trim();
  const operation = trace.operation === "" ? "which is no call of this server" : `operation ${trace.operation}`;
  const head = line`${method} ${path}, ${operation}`;
  return joined([head, "", showTrace(trace), "", `${status} ${reply || "(no body)"}`]);
}
