/**
 * Lesson 5, Remember: users get an id and a token, and can look each other up. All of it is in memory, so a restart
 * forgets everybody.
 *
 *     node 05.ts PORT FOLDER
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";

const [port = "8000"] = process.argv.slice(2);
// Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
const host = process.env.HOST ?? "127.0.0.1";
const CLASS_SECRET = process.env.SECRET ?? "river-candle-orbit-maple";

const SECRET_LENGTH = { min: 12, max: 64 };
const HANDLE_LENGTH = { min: 3, max: 64 };
const TOKEN_LENGTH = { min: 12, max: 64 };

const tokens = new Map<number, string>();
const owners = new Map<string, number>();
let lastUserId = 0;

/** What the client sent: names and values, not yet checked. */
type Inputs = Record<string, unknown>;

/** One request, as a function such as registerUser() sees it. */
interface Call {
  /** The step at which it is. If it is refused, the reply says so. */
  step: string;
  body: string;
}

/** Who the client claims to be. */
interface Credentials {
  myId: number;
  myAuth: string;
}

/** A reply other than 200. Throw it wherever you are: refuse() sends it. */
class Refusal extends Error {
  readonly status: number;
  /** The input that is wrong, if it is a single one. */
  readonly field: string | undefined;
  /** True for the only refusal without a body: nobody has the handle. */
  readonly emptyBody: boolean;

  constructor(status: number, sentence: string, field?: string, emptyBody = false) {
    super(sentence);
    this.status = status;
    this.field = field;
    this.emptyBody = emptyBody;
  }
}

const ROUTES = new Map<string, (call: Call) => object>([
  ["POST /api/v1/register", registerUser],
  ["GET /api/v1/register", lookUpUser],
]);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const call: Call = { step: "", body: "" };
  try {
    call.body = await readBody(request);
    const operation = ROUTES.get(`${request.method} ${request.url}`);
    if (operation === undefined) throw new Refusal(404, "There is nothing at this address.");
    send(response, 200, "application/json", operation(call));
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
  const secret = mustBeText(inputs, "secret", SECRET_LENGTH, 401);
  call.step = "register.post.1.4"; // Does `userHandle` exist? No: 400.
  mustExist(inputs, "userHandle", 400);
  call.step = "register.post.1.5"; // Is `userHandle` a string of 3-64 characters? No: 400.
  const userHandle = mustBeText(inputs, "userHandle", HANDLE_LENGTH, 400);

  call.step = "register.post.3"; // Is `secret` the class secret? No: 403.
  if (secret !== CLASS_SECRET) throw new Refusal(403, "`secret` is not the class secret.", "secret");
  call.step = "register.post.4"; // Generate a random string, the authToken.
  const authToken = randomBytes(24).toString("base64url");
  call.step = "register.post.5"; // Generate a unique integer, myId, for the new user.
  lastUserId++;
  const myId = lastUserId;
  call.step = "register.post.8.1"; // Somebody has the handle already: 409.
  if (owners.has(userHandle)) throw new Refusal(409, "Someone already has this handle.", "userHandle");
  call.step = "register.post.8"; // Keep both.
  tokens.set(myId, authToken);
  owners.set(userHandle, myId);

  call.step = "register.post.9"; // Return 200.
  return { userId: myId, authToken };
}

function lookUpUser(call: Call): object {
  call.step = "register.get.1.1"; // Is the request body parsable JSON? No: 400.
  const inputs = readInputs(call);
  const me = readCredentials(call, "register.get", inputs);
  call.step = "register.get.1.6"; // Does `userHandle` exist? No: 400.
  mustExist(inputs, "userHandle", 400);
  call.step = "register.get.1.7"; // Is `userHandle` a string of 3-64 characters? No: 400.
  const userHandle = mustBeText(inputs, "userHandle", HANDLE_LENGTH, 400);

  checkToken(call, "register.get", me);

  call.step = "register.get.5"; // Who has the handle?
  const userId = owners.get(userHandle);
  call.step = "register.get.5.1"; // Nobody: 404.
  if (userId === undefined) throw new Refusal(404, "No user has this `userHandle`.", "userHandle", true);

  call.step = "register.get.6"; // Return 200.
  return { userId };
}

/** Steps 1.2 to 1.5 of every call but registering: who does the client claim to be? */
function readCredentials(call: Call, operation: string, inputs: Inputs): Credentials {
  call.step = `${operation}.1.2`; // Does `myId` exist? No: 400.
  mustExist(inputs, "myId", 400);
  call.step = `${operation}.1.3`; // Is `myId` an integer from 1 to 2^53 - 1? No: 400.
  const myId = mustBeId(inputs, "myId", 400);
  call.step = `${operation}.1.4`; // Does `myAuth` exist? No: 400.
  mustExist(inputs, "myAuth", 400);
  call.step = `${operation}.1.5`; // Is `myAuth` a string of 12-64 characters? No: 400.
  const myAuth = mustBeText(inputs, "myAuth", TOKEN_LENGTH, 400);
  return { myId, myAuth };
}

/** Steps 2 and 3 of every call but registering: is it true? */
function checkToken(call: Call, operation: string, { myId, myAuth }: Credentials): void {
  call.step = `${operation}.2`; // Find the token of this user.
  const authToken = tokens.get(myId);
  call.step = `${operation}.2.1`; // There is none: 401.
  if (authToken === undefined) throw new Refusal(401, "No user has this `myId`.", "myId");
  call.step = `${operation}.3.1`; // Does `myAuth` match it? No: 403.
  if (myAuth !== authToken) throw new Refusal(403, "`myAuth` is not the token of this `myId`.", "myAuth");
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

function mustBeId(inputs: Inputs, field: string, status: number): number {
  const value = inputs[field];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  throw new Refusal(status, `\`${field}\` must be an integer, 1 or more.`, field);
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
  send(response, status, "application/problem+json", refusal.emptyBody ? undefined : problem);
}

function send(response: ServerResponse, status: number, contentType: string, body: object | undefined): void {
  response.writeHead(status, { "content-type": contentType });
  response.end(body === undefined ? "" : `${JSON.stringify(body)}\n`);
}

createServer(answer).listen(Number(port), host, () => {
  console.log(`The server listens on http://${host}:${port}`);
});
