/**
 * A server that takes the seed literally: its four calls, its numbered steps, and nothing else. It has no messages, one
 * user can take another's handle, two users can get the same id, and a reply is sent before the data is safe on the
 * disk. It must pass the check with the profile `seed`: tests/check/check.test.ts runs it for that.
 *
 *     node check/literal/seed-server.ts ROOT PORT
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const [root = "data", port = "8080"] = process.argv.slice(2);
const users = join(root, "users");
mkdirSync(users, { recursive: true });
const secretFile = join(users, "secret.dat");
if (!existsSync(secretFile)) writeFileSync(secretFile, "river-candle-orbit-maple");

type Inputs = Record<string, unknown>;

interface Reply {
  status: number;
  body?: object;
}

/** Ends an operation early, with this status. */
class Stop extends Error {
  readonly status: number;

  constructor(status: number) {
    super(String(status));
    this.status = status;
  }
}

createServer(async (request, response) => {
  const { status, body } = await answer(request);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? "" : JSON.stringify(body));
}).listen(Number(port), "127.0.0.1");

async function answer(request: IncomingMessage): Promise<Reply> {
  try {
    const operation = operations[`${request.method} ${request.url}`];
    if (operation === undefined) return { status: 404 };
    return operation(parse(await text(request)));
  } catch (error) {
    return { status: error instanceof Stop ? error.status : 500 };
  }
}

const operations: Record<string, (inputs: Inputs) => Reply> = {
  "POST /api/v1/register": register,
  "GET /api/v1/register": (inputs) => ({ status: 200, body: { userId: lookUp(inputs) } }),
  "POST /api/v1/chat": (inputs) => ({ status: 200, body: { userId: lookUp(inputs) } }),
  "GET /api/v1/chat": (inputs) => ({ status: 200, body: { userId: lookUp(inputs) } }),
};

function register(inputs: Inputs): Reply {
  if (inputs.secret === undefined) throw new Stop(401);
  if (!isText(inputs.secret, 12, 64)) throw new Stop(401);
  if (inputs.userHandle === undefined) throw new Stop(400);
  if (!isText(inputs.userHandle, 3, 64)) throw new Stop(400);
  if (readFileSync(secretFile, "utf8").trim() !== inputs.secret) throw new Stop(403);
  const authToken = randomBytes(16).toString("hex");
  const myId = readdirSync(users).filter((name) => /^\d+\.dat$/.test(name)).length + 1;
  writeFileSync(join(users, `${myId}.dat`), authToken);
  writeFileSync(join(users, `${hashOf(inputs.userHandle)}.dat`), String(myId));
  return { status: 200, body: { userId: myId, authToken } };
}

/** The steps of the other three calls are the same. */
function lookUp({ myId, myAuth, userHandle }: Inputs): number {
  if (myId === undefined) throw new Stop(400);
  if (!Number.isInteger(myId)) throw new Stop(400);
  if (myAuth === undefined) throw new Stop(400);
  if (!isText(myAuth, 12, 64)) throw new Stop(400);
  if (userHandle === undefined) throw new Stop(400);
  if (!isText(userHandle, 3, 64)) throw new Stop(400);
  if (fileOr(`${myId}.dat`, 401) !== myAuth) throw new Stop(403);
  return Number(fileOr(`${hashOf(userHandle)}.dat`, 404));
}

function parse(body: string): Inputs {
  try {
    return JSON.parse(body) as Inputs;
  } catch {
    throw new Stop(400);
  }
}

function isText(value: unknown, min: number, max: number): value is string {
  return typeof value === "string" && value.length >= min && value.length <= max;
}

function hashOf(userHandle: string): string {
  return createHash("sha256").update(userHandle).digest("hex");
}

function fileOr(name: string, status: number): string {
  const path = join(users, name);
  if (!existsSync(path)) throw new Stop(status);
  return readFileSync(path, "utf8");
}
