/**
 * Lesson 4, Say what is wrong: every refusal says what is wrong, at which step, and in which input. The numbers of the
 * steps are those in docs/spec.md.
 *
 *     node 04.ts PORT FOLDER
 */
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";

const [port = "8000"] = process.argv.slice(2);
// Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
const host = process.env.HOST ?? "127.0.0.1";

const SECRET_LENGTH = { min: 12, max: 64 };
const HANDLE_LENGTH = { min: 3, max: 64 };

/** What the client sent: names and values, not yet checked. */
type Inputs = Record<string, unknown>;

/** One request, as a function such as registerUser() sees it. */
interface Call {
  /** The step at which it is. If it is refused, the reply says so. */
  step: string;
  body: string;
}

/** A reply other than 200. Throw it wherever you are: refuse() sends it. */
class Refusal extends Error {
  readonly status: number;
  /** The input that is wrong, if it is a single one. */
  readonly field: string | undefined;

  constructor(status: number, sentence: string, field?: string) {
    super(sentence);
    this.status = status;
    this.field = field;
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const call: Call = { step: "", body: "" };
  try {
    call.body = await readBody(request);
    send(response, 200, "application/json", registerUser(call));
  } catch (error) {
    refuse(response, error, call.step);
  }
  console.log(request.method, request.url, response.statusCode);
}

function registerUser(call: Call): object {
  call.step = "register.post.1.1"; // Is the request body parsable JSON? No: 400.
  const inputs = readInputs(call);
  call.step = "register.post.1.2"; // Does `secret` exist? No: 401.
  mustExist(inputs, "secret", 401);
  call.step = "register.post.1.3"; // Is `secret` a string of 12-64 characters? No: 401.
  mustBeText(inputs, "secret", SECRET_LENGTH, 401);
  call.step = "register.post.1.4"; // Does `userHandle` exist? No: 400.
  mustExist(inputs, "userHandle", 400);
  call.step = "register.post.1.5"; // Is `userHandle` a string of 3-64 characters? No: 400.
  mustBeText(inputs, "userHandle", HANDLE_LENGTH, 400);
  return { userId: 1, authToken: "everybody-gets-this-one" };
}

function mustExist(inputs: Inputs, field: string, status: number): void {
  if (inputs[field] === undefined) throw new Refusal(status, `\`${field}\` is missing.`, field);
}

function mustBeText(inputs: Inputs, field: string, length: { min: number; max: number }, status: number): string {
  const value = inputs[field];
  if (typeof value !== "string") throw new Refusal(status, `\`${field}\` must be a string.`, field);
  if (value.length < length.min || value.length > length.max) {
    throw new Refusal(status, `\`${field}\` must be ${length.min} to ${length.max} characters long.`, field);
  }
  return value;
}

function readInputs(call: Call): Inputs {
  const value = parseJson(call.body);
  if (!isObject(value)) throw new Refusal(400, "The body must be a JSON object, with braces around it.");
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "The body is not JSON.");
  }
}

function isObject(value: unknown): value is Inputs {
  // In JavaScript, null and lists are objects, too.
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A body comes in pieces, so wait until the last one is here. */
async function readBody(request: IncomingMessage): Promise<string> {
  request.setEncoding("utf8");
  let body = "";
  for await (const piece of request) body += piece;
  return body;
}

/** The only place where an error becomes a reply. */
function refuse(response: ServerResponse, error: unknown, step: string): void {
  if (!(error instanceof Refusal)) console.error(error);
  const refusal = error instanceof Refusal ? error : new Refusal(500, "The server has made a mistake.");
  const { status, field } = refusal;
  const title = STATUS_CODES[status] ?? "Refused";
  const type = `/problems/${title.toLowerCase().replaceAll(" ", "-")}`;
  if (status === 401) response.setHeader("www-authenticate", "Plainchat");
  const problem = { type, title, status, detail: refusal.message, step: step || undefined, field };
  send(response, status, "application/problem+json", problem);
}

function send(response: ServerResponse, status: number, contentType: string, body: object): void {
  response.writeHead(status, { "content-type": contentType });
  response.end(`${JSON.stringify(body)}\n`);
}

createServer(answer).listen(Number(port), host, () => {
  console.log(`The server listens on http://${host}:${port}`);
});
