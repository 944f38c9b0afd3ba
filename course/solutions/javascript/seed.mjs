/**
 * The whole seed in JavaScript: register, look up a user, write to a user, look into your queue. The numbers of the
 * steps are those in docs/spec.md.
 *
 *     node seed.mjs PORT FOLDER
 *
 *     FOLDER/users/secret.dat    the class secret
 *     FOLDER/users/<myId>.dat    the token of this user
 *     FOLDER/users/<sha256>.dat  who has a handle: the sha256 of the handle is the name, the id is the content
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const [port = "8000", folder = "data"] = process.argv.slice(2);
// Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
const host = process.env.HOST ?? "127.0.0.1";
const usersFolder = join(folder, "users");
let lastUserId = 0;

/** A reply other than 200. Throw it wherever you are: answer() sends it. */
class Refusal extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

const ROUTES = new Map([
  ["POST /api/v1/register", registerUser],
  ["GET /api/v1/register", lookUpUser],
  ["POST /api/v1/chat", publishMessage],
  ["GET /api/v1/chat", fetchQueue],
]);

async function answer(request, response) {
  let status = 200;
  let body;
  try {
    const text = await readBody(request);
    const operation = ROUTES.get(`${request.method} ${request.url}`);
    if (operation === undefined) throw new Refusal(404, "There is nothing at this address.");
    body = operation(parseJson(text));
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error);
    status = error instanceof Refusal ? error.status : 500;
    // A 404 for an unknown handle has an empty body, and the others say what is wrong.
    body = error.message === "" ? undefined : { status, detail: status === 500 ? "A mistake." : error.message };
  }
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? "" : `${JSON.stringify(body)}\n`);
  console.log(request.method, request.url, status);
}

function registerUser(inputs) {
  // 1.2 to 1.5: Do the inputs exist, and have they the right type and length? No: 401 for the secret, 400 for the handle.
  mustBeText(inputs.secret, 12, 64, 401, "`secret`");
  mustBeText(inputs.userHandle, 3, 64, 400, "`userHandle`");

  // 2: Open users/secret.dat. Error: 500.
  const classSecret = readUserFile("secret.dat");
  // 3: Do its contents match `secret`? No: 403.
  if (inputs.secret !== classSecret) throw new Refusal(403, "`secret` is not the class secret.");
  // 4: Generate a random string, the authToken.
  const authToken = randomBytes(24).toString("base64url");
  // 5: Generate a unique integer, myId, for the new user.
  lastUserId++;
  const myId = lastUserId;
  // 7: Generate the sha256 hash of userHandle.
  const hashUserHandle = hashHandle(inputs.userHandle);
  // 8.1: The file of the handle exists already: 409.
  if (readUserFile(`${hashUserHandle}.dat`) !== undefined) throw new Refusal(409, "Someone already has this handle.");
  // 6: Create users/<myId>.dat and write authToken to it.
  writeUserFile(`${myId}.dat`, authToken);
  // 8: Create users/<hashUserHandle>.dat and write myId to it.
  writeUserFile(`${hashUserHandle}.dat`, String(myId));

  // 9: Return 200.
  return { userId: myId, authToken };
}

function lookUpUser(inputs) {
  checkUser(inputs);
  mustBeText(inputs.userHandle, 3, 64, 400, "`userHandle`");
  checkToken(inputs);
  return { userId: findUser(inputs.userHandle) };
}

/** The seed has no text of a message yet: this only finds out whether the recipient is there. */
function publishMessage(inputs) {
  checkUser(inputs);
  mustBeText(inputs.userHandle, 3, 64, 400, "`userHandle`");
  checkToken(inputs);
  return { userId: findUser(inputs.userHandle) };
}

function fetchQueue(inputs) {
  checkUser(inputs);
  // Without `userHandle`, it is everybody's messages.
  if (inputs.userHandle !== undefined) mustBeText(inputs.userHandle, 3, 64, 400, "`userHandle`");
  checkToken(inputs);
  if (inputs.userHandle !== undefined) findUser(inputs.userHandle);
  return { myId: inputs.myId };
}

/** 1.2 to 1.5: Are `myId` and `myAuth` there, and of the right type and length? No: 400. */
function checkUser({ myId, myAuth }) {
  if (!Number.isSafeInteger(myId) || myId < 1) throw new Refusal(400, "`myId` must be an integer, 1 or more.");
  mustBeText(myAuth, 12, 64, 400, "`myAuth`");
}

/** 2 and 3: Open users/<myId>.dat. File not found: 401. Does `myAuth` match what is in it? No: 403. */
function checkToken({ myId, myAuth }) {
  const authToken = readUserFile(`${myId}.dat`);
  if (authToken === undefined) throw new Refusal(401, "No user has this `myId`.");
  if (myAuth !== authToken) throw new Refusal(403, "`myAuth` is not the token of this `myId`.");
}

/** 4 to 6: Open the file that is named after the sha256 of the handle. File not found: 404, with an empty body. */
function findUser(userHandle) {
  const userId = readUserFile(`${hashHandle(userHandle)}.dat`);
  if (userId === undefined) throw new Refusal(404, "");
  return Number(userId);
}

function mustBeText(value, min, max, status, name) {
  if (value === undefined) throw new Refusal(status, `${name} is missing.`);
  // An emoji is one character, but its `length` is 2. [...value] has one entry for each character.
  if (typeof value !== "string" || [...value].length < min || [...value].length > max) {
    throw new Refusal(status, `${name} must be a string of ${min} to ${max} characters.`);
  }
}

/** 1.1: Is the request body parsable JSON? No: 400. */
function parseJson(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(400, "The body is not JSON.");
  }
  // In JavaScript, null and lists are objects, too.
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal(400, "The body must be a JSON object, with braces around it.");
  }
  return value;
}

/** A body comes in pieces, so wait until the last one is here. */
async function readBody(request) {
  request.setEncoding("utf8");
  let body = "";
  for await (const piece of request) body += piece;
  return body;
}

function hashHandle(userHandle) {
  return createHash("sha256").update(userHandle).digest("hex");
}

/** Returns undefined if there is no such file. */
function readUserFile(name) {
  const path = join(usersFolder, name);
  return existsSync(path) ? readFileSync(path, "utf8").trim() : undefined;
}

/** Writes another file first and then gives it its name. So nobody ever sees half a file, even after a kill. */
function writeUserFile(name, text) {
  const temporary = join(usersFolder, "temporary");
  writeFileSync(temporary, text, { flush: true });
  renameSync(temporary, join(usersFolder, name));
}

mkdirSync(usersFolder, { recursive: true });
writeUserFile("secret.dat", process.env.SECRET ?? "river-candle-orbit-maple");
// The next id is one more than the greatest that has a file.
for (const name of readdirSync(usersFolder)) {
  if (/^\d{1,16}\.dat$/.test(name)) lastUserId = Math.max(lastUserId, Number.parseInt(name, 10));
}
createServer(answer).listen(Number(port), host, () => {
  console.log(`The server listens on http://${host}:${port}`);
});
