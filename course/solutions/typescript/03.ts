/**
 * Lesson 3, Trust nobody: the server reads the JSON that a client sends, and refuses what is missing or wrong.
 *
 *     node 03.ts PORT FOLDER
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

const [port = "8000"] = process.argv.slice(2);
// Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
const host = process.env.HOST ?? "127.0.0.1";

/** What the client sent: names and values, not yet checked. */
type Inputs = Record<string, unknown>;

interface Reply {
  status: number;
  body: object;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = registerUser(await readBody(request));
  console.log(request.method, request.url, reply.status);
  send(response, reply.status, "application/json", reply.body);
}

function registerUser(body: string): Reply {
  const inputs = readInputs(body);
  if (inputs === undefined) return { status: 400, body: {} };
  if (inputs.secret === undefined) return { status: 401, body: {} };
  if (!isText(inputs.secret, 12, 64)) return { status: 401, body: {} };
  if (inputs.userHandle === undefined) return { status: 400, body: {} };
  if (!isText(inputs.userHandle, 3, 64)) return { status: 400, body: {} };
  return { status: 200, body: { userId: 1, authToken: "everybody-gets-this-one" } };
}

function isText(value: unknown, min: number, max: number): boolean {
  return typeof value === "string" && value.length >= min && value.length <= max;
}

/** @returns undefined if the body is not a JSON object. */
function readInputs(body: string): Inputs | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
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

function send(response: ServerResponse, status: number, contentType: string, body: object): void {
  response.writeHead(status, { "content-type": contentType });
  response.end(`${JSON.stringify(body)}\n`);
}

createServer(answer).listen(Number(port), host, () => {
  console.log(`The server listens on http://${host}:${port}`);
});
