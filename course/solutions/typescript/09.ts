/**
 * Lesson 9, A queue: users send messages to each other, fetch them page by page, and see who is there. Messages are in
 * memory: a restart forgets them.
 *
 *     users/secret.dat     the class secret
 *     users/<userId>.dat   the token of this user
 *     users/<userId>.json  the handle of this user, and since when it is there
 *     users/<sha256>.dat   who has a handle: the sha256 of the handle is the name, the userId is the content
 *
 *     node 09.ts PORT FOLDER
 *     node 09.ts --vectors
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { join } from "node:path";

const [port = "8000", folder = "data"] = process.argv.slice(2);
// Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
const host = process.env.HOST ?? "127.0.0.1";
const usersFolder = join(folder, "users");

const SECRET_LENGTH = { min: 12, max: 64 };
const HANDLE_LENGTH = { min: 3, max: 64 };
const TOKEN_LENGTH = { min: 12, max: 64 };
const MESSAGE_LENGTH = { min: 1, max: 4096 };
const MAX_BODY_BYTES = 64 * 1024;
const MAX_ID = Number.MAX_SAFE_INTEGER;
const PAGE_LIMIT = { min: 1, max: 200 };
const DEFAULT_LIMIT = 50;

/** Line breaks, tabs, and others that control a terminal. */
const CONTROL_CHARACTER = /\p{Cc}/u;
/** Unicode's categories for characters that nobody sees, or that mean nothing. */
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u;
/** Two invisible characters that emoji and some languages need, between two characters that are not in ASCII. */
const JOINER = /(?<=[^\p{ASCII}\u200c\u200d])[\u200c\u200d](?=[^\p{ASCII}\u200c\u200d])/gu;
const NEEDLESS_BLANK = /^\p{Zs}|\p{Zs}$|\p{Zs}{2}/u;
const CONTENT_TYPE = /^[^\s/;]+\/[^\s/;]+ *(;.*)?$/;

/** Inputs that are numbers. A URL has only text, so digits become a number there. */
const NUMBERS = ["myId", "after", "before", "limit"];
/** URLs end up in logs and histories, so nothing secret may be in them. */
const NEVER_IN_A_URL = ["secret", "myAuth"];
/** The inputs of all calls in docs/spec.md. None of them is a misspelling of another. */
const KNOWN_NAMES = "secret userHandle myId myAuth rotateAuth message messageId box after before limit wait".split(" ");

let lastUserId = 0;
/** All messages by their ids, oldest first. */
const messages = new Map<number, Message>();
let lastMessageId = 0;

/** What the client sent: names and values, not yet checked. */
type Inputs = Record<string, unknown>;

/** One request, as a function such as registerUser() sees it. */
interface Call {
  /** The step at which it is. If it is refused, the reply says so. */
  step: string;
  method: string;
  query: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

/** Who the client claims to be. */
interface Credentials {
  myId: number;
  myAuth: string;
}

/** What is in users/<userId>.json. */
interface Profile {
  userHandle: string;
  registeredAt: string;
}

/** A message, as clients see it. The handles are those from when it was sent. */
interface Message {
  messageId: number;
  fromId: number;
  fromHandle: string;
  toId: number;
  toHandle: string;
  message: string;
  sentAt: string;
}

/** Which messages of a user somebody wants. */
interface Query {
  userId: number;
  box: string;
  /** Only messages with this user. */
  otherId: number | undefined;
  after: number | undefined;
  before: number | undefined;
  limit: number;
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
  ["GET /api/v1/users", listUsers],
  ["POST /api/v1/chat", publishMessage],
  ["GET /api/v1/chat", fetchQueue],
]);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "", url = "", headers } = request;
  const [path, ...query] = url.split("?");
  const call: Call = { step: "", method, query: query.join("?"), headers, body: Buffer.alloc(0) };
  try {
    call.body = await readBody(request);
    // HEAD and QUERY do the same as GET. Node leaves out the body of a reply to HEAD.
    const operation = ROUTES.get(`${method === "HEAD" || method === "QUERY" ? "GET" : method} ${path}`);
    if (operation === undefined) throw new Refusal(404, "There is nothing at this address.");
    send(response, 200, "application/json", operation(call));
  } catch (error) {
    refuse(response, error, call.step);
  }
  console.log(method, path, response.statusCode);
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
  call.step = "register.post.1.5"; // Is `userHandle` a string of 3-64 whole characters, also in NFC, that people can see? No: 400.
  const userHandle = mustBeNewHandle(inputs, "userHandle", HANDLE_LENGTH, 400);

  call.step = "register.post.2"; // Open users/secret.dat.
  const classSecret = readUserFile("secret.dat");
  call.step = "register.post.2.1"; // Error: 500.
  if (classSecret === undefined) throw new Refusal(500, "The server cannot read its class secret.");
  call.step = "register.post.3"; // Do its contents match `secret`? No: 403.
  if (secret !== classSecret) throw new Refusal(403, "`secret` is not the class secret.", "secret");
  call.step = "register.post.4"; // Generate a random string, the authToken.
  const authToken = randomBytes(24).toString("base64url");
  call.step = "register.post.5"; // Generate a unique integer, myId, for the new user.
  lastUserId++;
  const myId = lastUserId;
  call.step = "register.post.6"; // Create users/<myId>.dat and write authToken to it. Keep userHandle with myId.
  writeUserFile(`${myId}.dat`, authToken);
  writeProfile(myId, { userHandle, registeredAt: new Date().toISOString() });
  call.step = "register.post.7"; // Generate the sha256 hash of userHandle.
  const hashUserHandle = hashHandle(userHandle);
  call.step = "register.post.8"; // Create users/<hashUserHandle>.dat and write myId to it.
  const isCreated = createHandleFile(hashUserHandle, myId);
  call.step = "register.post.8.1"; // The file exists already: 409.
  if (!isCreated) {
    removeUserFile(`${myId}.dat`);
    removeUserFile(`${myId}.json`);
    throw new Refusal(409, "Someone already has this handle.", "userHandle");
  }

  call.step = "register.post.9"; // Return 200.
  return { userId: myId, authToken };
}

function lookUpUser(call: Call): object {
  call.step = "register.get.1.1"; // Is the request body parsable JSON? No: 400.
  const inputs = readInputs(call);
  const me = readCredentials(call, "register.get", inputs);
  call.step = "register.get.1.6"; // Does `userHandle` exist? No: 400.
  mustExist(inputs, "userHandle", 400);
  call.step = "register.get.1.7"; // Is `userHandle` a string of 3-64 whole characters, also in NFC? No: 400.
  const userHandle = mustBeHandle(inputs, "userHandle", HANDLE_LENGTH, 400);

  checkToken(call, "register.get", me);

  call.step = "register.get.4"; // Generate the sha256 hash of userHandle.
  const hashUserHandle = hashHandle(userHandle);
  call.step = "register.get.5"; // Open users/<hashUserHandle>.dat.
  const userId = openHandleFile(hashUserHandle);
  call.step = "register.get.5.1"; // File not found: 404.
  if (userId === undefined) throw noSuchHandle();

  call.step = "register.get.6"; // Return 200.
  return { userId };
}

function listUsers(call: Call): object {
  call.step = "users.get.1.1"; // Is the request body parsable JSON? No: 400.
  const inputs = readInputs(call);
  const me = readCredentials(call, "users.get", inputs);
  call.step = "users.get.1.6"; // Is `after`, if given, an integer from 0 to 2^53 - 1? No: 400.
  const after = inputs.after === undefined ? 0 : mustBeInteger(inputs, "after", { min: 0, max: MAX_ID }, 400);
  call.step = "users.get.1.7"; // Is `limit`, if given, an integer from 1 to 200? No: 400.
  const limit = inputs.limit === undefined ? DEFAULT_LIMIT : mustBeInteger(inputs, "limit", PAGE_LIMIT, 400);
  call.step = "users.get.1.8"; // Does an input look like a misspelling of one of these two? Yes: 400.
  mustNotMisspell(inputs, ["after", "limit"], 400);

  checkToken(call, "users.get", me);

  call.step = "users.get.4"; // Collect up to `limit` users with ids above `after`, in order.
  const ids = listUserIds().filter((userId) => userId > after);
  const users = ids.slice(0, limit).map((userId) => ({ userId, userHandle: readProfile(userId).userHandle }));

  call.step = "users.get.5"; // Return 200.
  return { users };
}

function publishMessage(call: Call): object {
  call.step = "chat.post.1.1"; // Is the request body parsable JSON? No: 400.
  const inputs = readInputs(call);
  const me = readCredentials(call, "chat.post", inputs);
  call.step = "chat.post.1.6"; // Does `userHandle` exist? No: 400.
  mustExist(inputs, "userHandle", 400);
  call.step = "chat.post.1.7"; // Is `userHandle` a string of 3-64 whole characters, also in NFC? No: 400.
  const userHandle = mustBeHandle(inputs, "userHandle", HANDLE_LENGTH, 400);
  call.step = "chat.post.1.8"; // Does `message` exist? No: 400.
  mustExist(inputs, "message", 400);
  call.step = "chat.post.1.9"; // Is `message` a string of 1-4096 whole characters? No: 400.
  const message = mustBeMessage(inputs, "message", MESSAGE_LENGTH, 400);

  checkToken(call, "chat.post", me);

  call.step = "chat.post.4"; // Generate the sha256 hash of userHandle.
  const hashUserHandle = hashHandle(userHandle);
  call.step = "chat.post.5"; // Open users/<hashUserHandle>.dat.
  const toId = openHandleFile(hashUserHandle);
  call.step = "chat.post.5.1"; // File not found: 404.
  if (toId === undefined) throw noSuchHandle();

  call.step = "chat.post.7"; // Append the message to the recipient's queue.
  lastMessageId++;
  const messageId = lastMessageId;
  const sentAt = new Date().toISOString();
  const fromHandle = readProfile(me.myId).userHandle;
  messages.set(messageId, { messageId, fromId: me.myId, fromHandle, toId, toHandle: userHandle, message, sentAt });

  call.step = "chat.post.8"; // Return 200.
  return { userId: toId, messageId, sentAt };
}

function fetchQueue(call: Call): object {
  call.step = "chat.get.1.1"; // Is the request body parsable JSON? No: 400.
  const inputs = readInputs(call);
  const me = readCredentials(call, "chat.get", inputs);
  call.step = "chat.get.1.6"; // Does `userHandle` exist? No: read messages from everyone.
  let userHandle: string | undefined;
  if (inputs.userHandle !== undefined) {
    call.step = "chat.get.1.7"; // Is `userHandle` a string of 3-64 whole characters, also in NFC? No: 400.
    userHandle = mustBeHandle(inputs, "userHandle", HANDLE_LENGTH, 400);
  }
  call.step = "chat.get.1.8"; // Is `box`, if given, "received", "sent" or "both"? No: 400.
  const box = inputs.box === undefined ? "received" : mustBeOneOf(inputs, "box", ["received", "sent", "both"], 400);
  call.step = "chat.get.1.9"; // Is `after`, if given, an integer from 0 to 2^53 - 1? No: 400.
  const after = inputs.after === undefined ? undefined : mustBeInteger(inputs, "after", { min: 0, max: MAX_ID }, 400);
  call.step = "chat.get.1.10"; // Is `before`, if given, an integer from 1 to 2^53 - 1? No: 400.
  const before = inputs.before === undefined ? undefined : mustBeId(inputs, "before", 400);
  call.step = "chat.get.1.11"; // Is `limit`, if given, an integer from 1 to 200? No: 400.
  const limit = inputs.limit === undefined ? DEFAULT_LIMIT : mustBeInteger(inputs, "limit", PAGE_LIMIT, 400);
  call.step = "chat.get.1.13"; // Does an input look like a misspelling of one of these? Yes: 400.
  mustNotMisspell(inputs, ["userHandle", "box", "after", "before", "limit", "wait"], 400);

  checkToken(call, "chat.get", me);

  let otherId: number | undefined;
  if (userHandle !== undefined) {
    call.step = "chat.get.4"; // Generate the sha256 hash of userHandle.
    const hashUserHandle = hashHandle(userHandle);
    call.step = "chat.get.5"; // Open users/<hashUserHandle>.dat.
    otherId = openHandleFile(hashUserHandle);
    call.step = "chat.get.5.1"; // File not found: 404.
    if (otherId === undefined) throw noSuchHandle();
  }

  call.step = "chat.get.6"; // Read the messages in the queue, oldest first.
  const page = readPage({ userId: me.myId, box, otherId, after, before, limit });

  call.step = "chat.get.8"; // Return 200.
  return { myId: me.myId, messages: page };
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
  call.step = `${operation}.2`; // Open users/<myId>.dat.
  const authToken = readUserFile(`${myId}.dat`);
  call.step = `${operation}.2.1`; // File not found: 401.
  if (authToken === undefined) throw new Refusal(401, "No user has this `myId`.", "myId");
  call.step = `${operation}.3.1`; // Does `myAuth` match it? No: 403.
  if (myAuth !== authToken) throw new Refusal(403, "`myAuth` is not the token of this `myId`.", "myAuth");
}

function noSuchHandle(): Refusal {
  return new Refusal(404, "No user has this `userHandle`.", "userHandle", true);
}

function readPage(query: Query): Message[] {
  const { after, before, limit } = query;
  const found = [...messages.values()].filter(
    ({ messageId }) => (after === undefined || messageId > after) && (before === undefined || messageId < before),
  );
  const mine = found.filter((message) => isInBox(message, query));
  // With `before` alone, a client reads backwards: it wants the newest of the older messages.
  return after === undefined && before !== undefined ? mine.slice(-limit) : mine.slice(0, limit);
}

/** Whether the user has got the message (received), or sent it (sent), or one of these two (both). */
function isInBox({ fromId, toId }: Message, { userId, box, otherId }: Query): boolean {
  const isReceived = toId === userId && (otherId === undefined || fromId === otherId);
  const isSent = fromId === userId && (otherId === undefined || toId === otherId);
  return (isReceived && box !== "sent") || (isSent && box !== "received");
}

/** Makes the folder if there is none, and finds the greatest id in it. */
function openFolder(): void {
  mkdirSync(usersFolder, { recursive: true });
  // The secret of the environment counts. If there is none, the one in the file stays.
  const isNew = !existsSync(join(usersFolder, "secret.dat"));
  if (process.env.SECRET !== undefined || isNew) {
    writeUserFile("secret.dat", process.env.SECRET ?? "river-candle-orbit-maple");
  }
  lastUserId = listUserIds().at(-1) ?? 0;
}

/** @returns the ids of all users, the smallest first. */
function listUserIds(): number[] {
  const ids: number[] = [];
  for (const name of readdirSync(usersFolder)) {
    const [, id] = /^(\d{1,16})\.json$/.exec(name) ?? [];
    if (id !== undefined) ids.push(Number(id));
  }
  return ids.sort((a, b) => a - b);
}

function readProfile(userId: number): Profile {
  return JSON.parse(readUserFile(`${userId}.json`) ?? "{}");
}

function writeProfile(userId: number, profile: Profile): void {
  writeUserFile(`${userId}.json`, JSON.stringify(profile));
}

/** A handle can have any characters, also "/" and "..", so it must not be the name of a file. Its sha256 can. */
function hashHandle(userHandle: string): string {
  return createHash("sha256").update(userHandle).digest("hex");
}

/** @returns the id of the user who has the handle, or undefined if nobody has it. */
function openHandleFile(hashUserHandle: string): number | undefined {
  const userId = readUserFile(`${hashUserHandle}.dat`);
  return userId === undefined ? undefined : Number(userId);
}

/** @returns false if the file exists already. */
function createHandleFile(hashUserHandle: string, userId: number): boolean {
  if (openHandleFile(hashUserHandle) !== undefined) return false;
  writeUserFile(`${hashUserHandle}.dat`, String(userId));
  return true;
}

/** @returns undefined if there is no such file. */
function readUserFile(name: string): string | undefined {
  const path = join(usersFolder, name);
  // An editor may have added a line break at the end, so trim it.
  return existsSync(path) ? readFileSync(path, "utf8").trim() : undefined;
}

function writeUserFile(name: string, text: string): void {
  writeFileSync(join(usersFolder, name), text);
}

function removeUserFile(name: string): void {
  rmSync(join(usersFolder, name), { force: true });
}

function mustExist(inputs: Inputs, field: string, status: number): void {
  if (inputs[field] === undefined) throw new Refusal(status, `\`${field}\` is missing.`, field);
}

function mustBeText(inputs: Inputs, field: string, length: { min: number; max: number }, status: number): string {
  const value = inputs[field];
  if (typeof value !== "string") throw new Refusal(status, `\`${field}\` must be a string.`, field);
  const characters = countCodePoints(value);
  if (characters < length.min || characters > length.max) {
    throw new Refusal(status, `\`${field}\` must be ${length.min} to ${length.max} characters long.`, field);
  }
  if (!value.isWellFormed()) throw new Refusal(status, `\`${field}\` has half a character in it.`, field);
  return value;
}

/** Counts an emoji such as 😀 as 1. Its `length` is 2. */
function countCodePoints(text: string): number {
  return [...text].length;
}

/** @returns the handle in the form NFC, in which an é is the same é however it was typed. */
function mustBeHandle(inputs: Inputs, field: string, length: { min: number; max: number }, status: number): string {
  const handle = mustBeText(inputs, field, length, status).normalize("NFC");
  if (CONTROL_CHARACTER.test(handle)) {
    throw new Refusal(status, `\`${field}\` has a control character in it, such as a line break.`, field);
  }
  // NFC can make a text shorter or longer.
  return mustBeText({ [field]: handle }, field, length, status);
}

/** A new handle must be one that people can tell from others. */
function mustBeNewHandle(inputs: Inputs, field: string, length: { min: number; max: number }, status: number): string {
  const handle = mustBeHandle(inputs, field, length, status);
  const visible = handle.replace(JOINER, "");
  if (INVISIBLE.test(visible)) throw new Refusal(status, `\`${field}\` has an invisible character in it.`, field);
  if (NEEDLESS_BLANK.test(visible)) {
    throw new Refusal(status, `\`${field}\` has a blank at an end, or two in a row.`, field);
  }
  return handle;
}

function mustBeMessage(inputs: Inputs, field: string, length: { min: number; max: number }, status: number): string {
  const message = mustBeText(inputs, field, length, status);
  if (CONTROL_CHARACTER.test(message.replace(/[\r\n\t]/g, ""))) {
    throw new Refusal(status, `\`${field}\` may have line breaks and tabs, but no other control characters.`, field);
  }
  return message;
}

function mustBeId(inputs: Inputs, field: string, status: number): number {
  return mustBeInteger(inputs, field, { min: 1, max: MAX_ID }, status);
}

function mustBeInteger(inputs: Inputs, field: string, range: { min: number; max: number }, status: number): number {
  const value = inputs[field];
  if (typeof value === "number" && Number.isInteger(value) && value >= range.min && value <= range.max) return value;
  throw new Refusal(status, `\`${field}\` must be an integer from ${range.min} to ${range.max}.`, field);
}

function mustBeOneOf(inputs: Inputs, field: string, words: string[], status: number): string {
  const value = inputs[field];
  if (typeof value === "string" && words.includes(value)) return value;
  throw new Refusal(status, `\`${field}\` must be one of these: ${words.join(", ")}.`, field);
}

/** A client that sends `limt` in place of `limit` would get fifty messages and never know why. */
function mustNotMisspell(inputs: Inputs, optional: string[], status: number): void {
  const unknown = Object.keys(inputs).filter((name) => !KNOWN_NAMES.includes(name));
  for (const field of optional) {
    if (inputs[field] !== undefined) continue;
    const most = field.length < 6 ? 1 : 2;
    const misspelt = unknown.slice(0, 20).find((name) => isNear(name.toLowerCase(), field.toLowerCase(), most));
    if (misspelt === undefined) continue;
    throw new Refusal(status, `There is no input \`${misspelt}\`. Did you mean \`${field}\`?`, field);
  }
}

/** Whether a few typing mistakes turn one word into the other: a letter too many, missing, wrong or swapped. */
function isNear(a: string, b: string, mistakes: number): boolean {
  if (a === b) return true;
  if (a[0] === b[0]) return isNear(a.slice(1), b.slice(1), mistakes);
  if (mistakes === 0) return false;
  const isSwapped = a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0];
  return (
    isNear(a.slice(1), b, mistakes - 1) ||
    isNear(a, b.slice(1), mistakes - 1) ||
    isNear(a.slice(1), b.slice(1), mistakes - 1) ||
    (isSwapped && isNear(a.slice(2), b.slice(2), mistakes - 1))
  );
}

function readInputs({ method, query, headers, body }: Call): Inputs {
  if (body.length === 0 && query === "" && headers.authorization === undefined) {
    throw new Refusal(400, "There are no inputs.");
  }
  const contentType = headers["content-type"];
  if (contentType !== undefined && !CONTENT_TYPE.test(contentType)) {
    throw new Refusal(400, "The Content-Type must have two parts, such as application/json.");
  }
  if (method === "QUERY" && contentType === undefined) {
    throw new Refusal(400, "A QUERY must have a Content-Type, such as application/json.");
  }
  const sent = [...readJson(body), ...readQuery(query), ...readAuthorization(headers.authorization)];
  const inputs = new Map<string, unknown>();
  for (const [name, value] of sent) {
    if (inputs.has(name) && inputs.get(name) !== value) {
      throw new Refusal(400, "You sent an input twice, with different values.", name);
    }
    inputs.set(name, value);
  }
  return Object.fromEntries(inputs);
}

function readJson(body: Buffer): [string, unknown][] {
  if (body.length === 0) return [];
  const text = decodeUtf8(body);
  const value = parseJson(text);
  if (!isObject(value)) throw new Refusal(400, "The body must be a JSON object, with braces around it.");
  const inputs = Object.entries(value);
  // JSON.parse() keeps the last of two fields with the same name. The client cannot know that.
  if (inputs.length !== countFields(text)) throw new Refusal(400, "The body has the same field twice.");
  return inputs;
}

/** Counts the colons of the outermost object. The text must be valid JSON. */
function countFields(text: string): number {
  let fields = 0;
  let depth = 0;
  // Strings are taken out first, because they may have colons and brackets in them.
  for (const character of text.replace(/"(\\.|[^"\\])*"/g, "")) {
    if (character === "{" || character === "[") depth++;
    if (character === "}" || character === "]") depth--;
    if (character === ":" && depth === 1) fields++;
  }
  return fields;
}

function readQuery(query: string): [string, unknown][] {
  const inputs: [string, unknown][] = [];
  for (const part of query.split("&")) {
    if (part === "") continue;
    const [name = "", ...value] = part.split("=").map(decodeUrl);
    if (NEVER_IN_A_URL.includes(name)) throw new Refusal(400, `Never send \`${name}\` in a URL.`, name);
    inputs.push([name, fromText(name, value.join("="))]);
  }
  return inputs;
}

/** In a query string, a plus sign stands for a blank, and %C3%A9 for an é. */
function decodeUrl(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new Refusal(400, "A percent sign in the URL is not followed by UTF-8.");
  }
}

/** `Authorization: Basic`, and then the base64 of myId:myAuth. `curl -u` sends it. */
function readAuthorization(authorization: string | undefined): [string, unknown][] {
  if (authorization === undefined) return [];
  const [, base64] = /^basic +([a-z0-9+/]+={0,2})$/i.exec(authorization) ?? [];
  const [myId = "", ...myAuth] = decodeUtf8(Buffer.from(base64 ?? "", "base64")).split(":");
  if (myAuth.length === 0) throw new Refusal(400, "`Authorization` must be Basic, with the base64 of myId:myAuth.");
  return [
    ["myId", fromText("myId", myId)],
    ["myAuth", myAuth.join(":")],
  ];
}

function fromText(name: string, text: string): unknown {
  return NUMBERS.includes(name) && /^\d+$/.test(text) ? Number(text) : text;
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal(400, "What you sent is not UTF-8.");
  }
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

/** A body comes in pieces. Put the bytes together first: a character may begin in one piece and end in the next. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request) {
    length += piece.length;
    // Read a body that is too long to its end, or the client never sees the answer. But keep nothing of it.
    if (length <= MAX_BODY_BYTES) pieces.push(piece);
  }
  if (length > MAX_BODY_BYTES) throw new Refusal(413, "The body is longer than 64 KiB.");
  return Buffer.concat(pieces);
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

/** Reads lines such as {"text":"ada"} from standard input, and says what the server makes of each text. */
function answerVectors(): void {
  for (const line of readFileSync(0, "utf8").split("\n")) {
    if (line === "") continue;
    const { text } = JSON.parse(line);
    const result = {
      codePoints: countCodePoints(text),
      isHandle: isAccepted(() => mustBeNewHandle({ text }, "text", HANDLE_LENGTH, 400)),
      isMessage: isAccepted(() => mustBeMessage({ text }, "text", MESSAGE_LENGTH, 400)),
      nfc: text.normalize("NFC"),
    };
    console.log(JSON.stringify(result));
  }
}

function isAccepted(check: () => string): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

if (port === "--vectors") {
  answerVectors();
} else {
  openFolder();
  createServer(answer).listen(Number(port), host, () => {
    console.log(`The server listens on http://${host}:${port}`);
  });
}
