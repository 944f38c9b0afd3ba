/**
 * Lesson 14, Live: a stream tells everything that happens in a queue, as it happens, and goes on where it stopped. The
 * server also refuses requests that are not meant for it.
 *
 *     users/secret.dat     the class secret
 *     users/<userId>.dat   the token of this user
 *     users/<userId>.json  the handle of this user, and since when it is there
 *     users/<sha256>.dat   who has a handle: the sha256 of the handle is the name, the userId is the content
 *     messages/1.jsonl     the journal
 *
 *     node 14.ts PORT FOLDER
 *     node 14.ts --vectors
 */
import { createHash, randomBytes } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { join } from "node:path";

const [port = "8000", folder = "data"] = process.argv.slice(2);
// Only this computer reaches 127.0.0.1. With HOST=0.0.0.0, other computers reach the server, too.
const host = process.env.HOST ?? "127.0.0.1";
const usersFolder = join(folder, "users");
const messagesFolder = join(folder, "messages");

const SECRET_LENGTH = { min: 12, max: 64 };
const HANDLE_LENGTH = { min: 3, max: 64 };
const TOKEN_LENGTH = { min: 12, max: 64 };
const MESSAGE_LENGTH = { min: 1, max: 4096 };
const MAX_BODY_BYTES = 64 * 1024;
const MAX_ID = Number.MAX_SAFE_INTEGER;
const PAGE_LIMIT = { min: 1, max: 200 };
const DEFAULT_LIMIT = 50;
const WAIT_SECONDS = { min: 0, max: 60 };
const MAX_WAITING = 32;
const MAX_STREAMS = 32;
const HEARTBEAT_MILLISECONDS = 10_000;
const MAX_UNREAD_BYTES = 256 * 1024;

/** Line breaks, tabs, and others that control a terminal. */
const CONTROL_CHARACTER = /\p{Cc}/u;
/** Unicode's categories for characters that nobody sees, or that mean nothing. */
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u;
/** Two invisible characters that emoji and some languages need, between two characters that are not in ASCII. */
const JOINER = /(?<=[^\p{ASCII}\u200c\u200d])[\u200c\u200d](?=[^\p{ASCII}\u200c\u200d])/gu;
const NEEDLESS_BLANK = /^\p{Zs}|\p{Zs}$|\p{Zs}{2}/u;
const CONTENT_TYPE = /^[^\s/;]+\/[^\s/;]+ *(;.*)?$/;

/** Inputs that are numbers. A URL has only text, so digits become a number there. */
const NUMBERS = ["myId", "messageId", "after", "before", "limit", "wait"];
const BOOLEANS = ["rotateAuth"];
/** URLs end up in logs and histories, so nothing secret may be in them. */
const NEVER_IN_A_URL = ["secret", "myAuth"];
/** The inputs of all calls in docs/spec.md. None of them is a misspelling of another. */
const KNOWN_NAMES = "secret userHandle myId myAuth rotateAuth message messageId box after before limit wait".split(" ");

let lastUserId = 0;
/** All messages by their ids, oldest first. */
const messages = new Map<number, Message>();
let lastMessageId = 0;
/** The first answer for each Idempotency-Key, by the sender's id and the key. */
const firstAnswers = new Map<string, FirstAnswer>();
/** The number by which the system knows the open journal. */
let journal = -1;
/** The fetches that wait for a change. */
const sleepers = new Set<Sleeper>();
const streams = new Set<Stream>();
/** Everything that has happened, one for each line of the journal. The first one has the number 1. */
const events: StreamEvent[] = [];

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
  /** A new token that may not be in users/<userId>.dat yet. It counts. */
  authToken?: string;
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
  /** Only if it was edited. */
  editedAt?: string;
}

/** What a retry with the same Idempotency-Key must repeat, and what it is told then. */
interface FirstAnswer {
  toId: number;
  message: string;
  messageId: number;
  sentAt: string;
}

/** A line of the journal: something that has happened. */
type Line =
  | ({ op: "post"; senderAndKey: string | undefined } & Message)
  | { op: "edit"; messageId: number; message: string; editedAt: string }
  | { op: "delete"; messageId: number }
  | { op: "leave"; userId: number };

/** A fetch that waits. */
interface Sleeper {
  call: Call;
  userId: number;
  /** Lets it go on: because something has changed, or because the time is up or nobody listens any more. */
  wake: (isChange: boolean) => void;
}

/** An open reply of GET /api/v1/chat/stream. */
interface Stream {
  userId: number;
  box: string;
  response: ServerResponse;
}

/** What streams tell. */
interface StreamEvent {
  name: "message" | "edit" | "delete" | "leave";
  /** The senders who hear of it. */
  fromIds: number[];
  /** The recipient who hears of it. */
  toId: number | undefined;
  /** For message and edit, the stream sends the message as it is now. */
  messageId: number;
  data: object;
}

/** How far a stream has come. */
interface Position {
  eventId: number;
  /** Only while it still sends the queue as it was at that event: the last message that it has sent. */
  messageId: number | undefined;
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

/** What becomes the body of a 200, or a function that writes a stream. */
type Reply = object | ((response: ServerResponse) => void);

const ROUTES = new Map<string, (call: Call) => Reply | Promise<Reply>>([
  ["POST /api/v1/register", registerUser],
  ["GET /api/v1/register", lookUpUser],
  ["PATCH /api/v1/register", changeUser],
  ["DELETE /api/v1/register", removeUser],
  ["GET /api/v1/users", listUsers],
  ["POST /api/v1/chat", publishMessage],
  ["GET /api/v1/chat", fetchQueue],
  ["PATCH /api/v1/chat", editMessage],
  ["DELETE /api/v1/chat", removeMessage],
  ["GET /api/v1/chat/stream", streamQueue],
]);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "", url = "", headers } = request;
  const [path = "", ...query] = url.split("?");
  const call: Call = { step: "", method, query: query.join("?"), headers, body: Buffer.alloc(0) };
  const requestId = randomBytes(9).toString("base64url");
  response.setHeader("request-id", requestId);
  response.on("close", () => stopWaiting(call));
  try {
    checkHeaders(request);
    // Node goes to another request only at an `await`. After this one, the operation runs to its end, and no other
    // request changes anything in between. Only a fetch that waits has another one.
    call.body = await readBody(request);
    // HEAD and QUERY do the same as GET. Node leaves out the body of a reply to HEAD.
    const operation = ROUTES.get(`${method === "HEAD" || method === "QUERY" ? "GET" : method} ${path}`);
    if (operation === undefined) throw noSuchCall(path, response);
    const reply = await operation(call);
    if (typeof reply === "function") reply(response);
    else send(response, 200, "application/json", reply);
  } catch (error) {
    refuse(response, error, call.step);
  }
  console.log(requestId, method, path, response.statusCode);
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
  const authToken = makeToken();
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
    throw handleTaken();
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

function changeUser(call: Call): object {
  call.step = "register.patch.1.1"; // Is the request body parsable JSON? No: 400.
  const inputs = readInputs(call);
  const me = readCredentials(call, "register.patch", inputs);
  call.step = "register.patch.1.6"; // Does `userHandle` or `rotateAuth` exist? No: 400.
  if (inputs.userHandle === undefined && inputs.rotateAuth === undefined) {
    throw new Refusal(400, "Send `userHandle` or `rotateAuth`, or both.");
  }
  call.step = "register.patch.1.7"; // Is `userHandle`, if given, a string of 3-64 whole characters, also in NFC, that people can see? No: 400.
  const newHandle =
    inputs.userHandle === undefined ? undefined : mustBeNewHandle(inputs, "userHandle", HANDLE_LENGTH, 400);
  call.step = "register.patch.1.8"; // Is `rotateAuth`, if given, true or false? No: 400.
  const rotateAuth = inputs.rotateAuth === undefined ? false : mustBeBoolean(inputs, "rotateAuth", 400);
  call.step = "register.patch.1.9"; // Does an input look like a misspelling of one of these two? Yes: 400.
  mustNotMisspell(inputs, ["userHandle", "rotateAuth"], 400);

  checkToken(call, "register.patch", me);

  call.step = "register.patch.4"; // If `rotateAuth` is true, generate a new authToken.
  const authToken = rotateAuth ? makeToken() : me.myAuth;
  call.step = "register.patch.5"; // Generate the sha256 hashes of the old and the new handle.
  const profile = readProfile(me.myId);
  const userHandle = newHandle ?? profile.userHandle;
  const oldHash = hashHandle(profile.userHandle);
  const newHash = hashHandle(userHandle);
  if (newHash !== oldHash) {
    call.step = "register.patch.6"; // If the handle changes, create users/<hashUserHandle>.dat and write myId to it.
    const isCreated = createHandleFile(newHash, me.myId);
    call.step = "register.patch.6.1"; // The file exists already: 409.
    if (!isCreated) throw handleTaken();
  }
  call.step = "register.patch.7"; // Write the handle and the token.
  // Both change in one moment, with the profile. If the server is killed after it, the next start does the rest.
  writeProfile(me.myId, { ...profile, userHandle, authToken });
  finishChange(me.myId);
  wakeAll();
  if (rotateAuth) endStreams(me.myId);
  call.step = "register.patch.8"; // If the handle changes, remove the file of the old handle.
  if (newHash !== oldHash) removeUserFile(`${oldHash}.dat`);

  call.step = "register.patch.9"; // Return 200.
  return { userId: me.myId, authToken };
}

function removeUser(call: Call): object {
  call.step = "register.delete.1.1"; // Is the request body parsable JSON? No: 400.
  const inputs = readInputs(call);
  const me = readCredentials(call, "register.delete", inputs);
  call.step = "register.delete.1.6"; // Is there an input other than `myId` and `myAuth`? You can only remove yourself. Yes: 400.
  mustNotHaveOthers(inputs, ["myId", "myAuth"], 400);

  checkToken(call, "register.delete", me);

  call.step = "register.delete.4"; // Remove users/<myId>.dat: from now on the token is invalid.
  removeUserFile(`${me.myId}.dat`);
  call.step = "register.delete.5"; // Remove the user's queue.
  record({ op: "leave", userId: me.myId });
  endStreams(me.myId);
  call.step = "register.delete.6"; // Remove users/<hashUserHandle>.dat: from now on the handle is free.
  removeUserFile(`${hashHandle(readProfile(me.myId).userHandle)}.dat`);
  removeUserFile(`${me.myId}.json`);

  call.step = "register.delete.7"; // Return 200.
  return { userId: me.myId };
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
  call.step = "chat.post.1.10"; // Is the header `Idempotency-Key`, if given, 1-255 visible ASCII characters? No: 400.
  const idempotencyKey = mustBeIdempotencyKey(call.headers["idempotency-key"], 400);

  checkToken(call, "chat.post", me);

  call.step = "chat.post.4"; // Generate the sha256 hash of userHandle.
  const hashUserHandle = hashHandle(userHandle);
  call.step = "chat.post.5"; // Open users/<hashUserHandle>.dat.
  const toId = openHandleFile(hashUserHandle);
  call.step = "chat.post.5.1"; // File not found: 404.
  if (toId === undefined) throw noSuchHandle();

  call.step = "chat.post.7"; // Append the message to the recipient's queue, unless this Idempotency-Key already did.
  // Two senders may use the same key, so the sender belongs to it.
  const senderAndKey = idempotencyKey === undefined ? undefined : `${me.myId} ${idempotencyKey}`;
  const first = findFirstAnswer(senderAndKey);
  if (first !== undefined) {
    call.step = "chat.post.7.1"; // The Idempotency-Key was used for another message: 422.
    if (first.toId !== toId || first.message !== message) throw keyUsed();
    return { userId: toId, messageId: first.messageId, sentAt: first.sentAt };
  }
  const messageId = lastMessageId + 1;
  const sentAt = new Date().toISOString();
  const fromHandle = readProfile(me.myId).userHandle;
  const posted = { messageId, fromId: me.myId, fromHandle, toId, toHandle: userHandle, message, sentAt };
  record({ op: "post", senderAndKey, ...posted });

  call.step = "chat.post.8"; // Return 200.
  return { userId: toId, messageId, sentAt };
}

async function fetchQueue(call: Call): Promise<object> {
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
  call.step = "chat.get.1.12"; // Is `wait`, if given, an integer from 0 to 60 (seconds)? No: 400.
  const waitSeconds = inputs.wait === undefined ? 0 : mustBeInteger(inputs, "wait", WAIT_SECONDS, 400);
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
  const query = { userId: me.myId, box, otherId, after, before, limit };
  let page = readPage(query);

  if (page.length === 0 && waitSeconds > 0) {
    call.step = "chat.get.7"; // If there are none and `wait` is given, wait up to that long for one, and read again.
    const waiting = [...sleepers].filter(({ userId }) => userId === me.myId);
    if (waiting.length >= MAX_WAITING) throw new Refusal(429, "Too many of your fetches are waiting already.");
    const deadline = Date.now() + waitSeconds * 1000;
    while (page.length === 0 && (await nextChange(call, me.myId, deadline - Date.now()))) {
      const authToken = readUserFile(`${me.myId}.dat`);
      call.step = "chat.get.7.1"; // Was this user removed during the wait? Yes: 401.
      if (authToken === undefined) throw unknownId();
      call.step = "chat.get.7.2"; // Was the token changed during the wait? Yes: 403.
      if (authToken !== me.myAuth) throw invalidToken();
      page = readPage(query);
    }
  }

  call.step = "chat.get.8"; // Return 200.
  return { myId: me.myId, messages: page };
}

function editMessage(call: Call): object {
  call.step = "chat.patch.1.1"; // Is the request body parsable JSON? No: 400.
  const inputs = readInputs(call);
  const me = readCredentials(call, "chat.patch", inputs);
  call.step = "chat.patch.1.6"; // Does `messageId` exist? No: 400.
  mustExist(inputs, "messageId", 400);
  call.step = "chat.patch.1.7"; // Is `messageId` an integer from 1 to 2^53 - 1? No: 400.
  const messageId = mustBeId(inputs, "messageId", 400);
  call.step = "chat.patch.1.8"; // Does `message` exist? No: 400.
  mustExist(inputs, "message", 400);
  call.step = "chat.patch.1.9"; // Is `message` a string of 1-4096 whole characters? No: 400.
  const message = mustBeMessage(inputs, "message", MESSAGE_LENGTH, 400);

  checkToken(call, "chat.patch", me);

  call.step = "chat.patch.4"; // Find the message.
  const found = messages.get(messageId);
  call.step = "chat.patch.4.1"; // It does not exist, or it is neither from me nor to me: 404.
  if (found === undefined || (found.fromId !== me.myId && found.toId !== me.myId)) throw noSuchMessage();
  call.step = "chat.patch.4.2"; // Is it from me? No: 403.
  if (found.fromId !== me.myId) throw new Refusal(403, "Only the sender can edit a message.", "messageId");

  call.step = "chat.patch.5"; // Write the new text.
  const editedAt = new Date().toISOString();
  record({ op: "edit", messageId, message, editedAt });

  call.step = "chat.patch.6"; // Return 200.
  return { messageId, editedAt };
}

function removeMessage(call: Call): object {
  call.step = "chat.delete.1.1"; // Is the request body parsable JSON? No: 400.
  const inputs = readInputs(call);
  const me = readCredentials(call, "chat.delete", inputs);
  call.step = "chat.delete.1.6"; // Does `messageId` exist? No: 400.
  mustExist(inputs, "messageId", 400);
  call.step = "chat.delete.1.7"; // Is `messageId` an integer from 1 to 2^53 - 1? No: 400.
  const messageId = mustBeId(inputs, "messageId", 400);

  checkToken(call, "chat.delete", me);

  call.step = "chat.delete.4"; // Find the message.
  const found = messages.get(messageId);
  call.step = "chat.delete.4.1"; // It does not exist, or it is neither from me nor to me: 404.
  if (found === undefined || (found.fromId !== me.myId && found.toId !== me.myId)) throw noSuchMessage();

  call.step = "chat.delete.5"; // Remove it.
  record({ op: "delete", messageId });

  call.step = "chat.delete.6"; // Return 200.
  return { messageId };
}

function streamQueue(call: Call): Reply {
  call.step = "stream.get.1.1"; // Is the request body parsable JSON? No: 400.
  const inputs = readInputs(call);
  const me = readCredentials(call, "stream.get", inputs);
  call.step = "stream.get.1.6"; // Is `box`, if given, "received", "sent" or "both"? No: 400.
  const box = inputs.box === undefined ? "received" : mustBeOneOf(inputs, "box", ["received", "sent", "both"], 400);
  call.step = "stream.get.1.7"; // Is `after`, if given, an integer from 0 to 2^53 - 1? No: 400.
  const after = inputs.after === undefined ? undefined : mustBeInteger(inputs, "after", { min: 0, max: MAX_ID }, 400);
  call.step = "stream.get.1.8"; // Is the header `Last-Event-ID`, if given, the id of an event? No: 400.
  const lastPosition = mustBeEventId(call.headers["last-event-id"], 400);
  call.step = "stream.get.1.9"; // Does an input look like a misspelling of one of these? Yes: 400.
  mustNotMisspell(inputs, ["box", "after"], 400);

  checkToken(call, "stream.get", me);

  call.step = "stream.get.4"; // Start after the event `Last-Event-ID`, or else after the message `after`, or else now (429 if you have too many open streams).
  const open = [...streams].filter(({ userId }) => userId === me.myId);
  if (open.length >= MAX_STREAMS) throw new Refusal(429, "You have too many open streams.");
  const position = lastPosition ?? { eventId: events.length, messageId: after };

  call.step = "stream.get.5"; // Send every event from there on, as it happens. Return 200.
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    if (call.method === "HEAD") response.end();
    else startStream({ userId: me.myId, box, response }, position);
  };
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
  if (authToken === undefined) throw unknownId();
  call.step = `${operation}.3.1`; // Does `myAuth` match it? No: 403.
  if (myAuth !== authToken) throw invalidToken();
}

/** Nothing is at this address, or something that does not know this method. Then `Allow` says which ones it knows. */
function noSuchCall(path: string, response: ServerResponse): Refusal {
  const routes = [...ROUTES.keys()].filter((route) => route.endsWith(` ${path}`));
  if (routes.length === 0) return new Refusal(404, "There is nothing at this address.");
  const methods = routes.map((route) => route.replace(` ${path}`, ""));
  if (methods.includes("GET")) methods.push("HEAD", "QUERY");
  response.setHeader("allow", methods.join(", "));
  return new Refusal(405, `This address accepts only ${methods.join(", ")}.`);
}

function unknownId(): Refusal {
  return new Refusal(401, "No user has this `myId`.", "myId");
}

function invalidToken(): Refusal {
  return new Refusal(403, "`myAuth` is not the token of this `myId`.", "myAuth");
}

function noSuchHandle(): Refusal {
  return new Refusal(404, "No user has this `userHandle`.", "userHandle", true);
}

function noSuchMessage(): Refusal {
  return new Refusal(404, "You have neither sent nor received a message with this `messageId`.", "messageId");
}

function keyUsed(): Refusal {
  return new Refusal(422, "You already used this `Idempotency-Key` for another message.");
}

function handleTaken(): Refusal {
  return new Refusal(409, "Someone already has this handle.", "userHandle");
}

function makeToken(): string {
  return randomBytes(24).toString("base64url");
}

/** @returns undefined if the key is free: nobody has used it, or its message has been removed. */
function findFirstAnswer(senderAndKey: string | undefined): FirstAnswer | undefined {
  const first = firstAnswers.get(senderAndKey ?? "");
  return first !== undefined && messages.has(first.messageId) ? first : undefined;
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

/** Waits until something changes. @returns false if the time is up, or if the client has hung up. */
function nextChange(call: Call, userId: number, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(wake, milliseconds, false);
    const sleeper = { call, userId, wake };
    sleepers.add(sleeper);

    function wake(isChange: boolean): void {
      clearTimeout(timer);
      sleepers.delete(sleeper);
      resolve(isChange);
    }
  });
}

function wakeAll(): void {
  for (const sleeper of sleepers) sleeper.wake(true);
}

/** The client has its reply, or has hung up. */
function stopWaiting(call: Call): void {
  for (const sleeper of sleepers) if (sleeper.call === call) sleeper.wake(false);
}

/** Whether the user has got the message (received), or sent it (sent), or one of these two (both). */
function isInBox({ fromId, toId }: Message, { userId, box, otherId }: Query): boolean {
  const isReceived = toId === userId && (otherId === undefined || fromId === otherId);
  const isSent = fromId === userId && (otherId === undefined || toId === otherId);
  return (isReceived && box !== "sent") || (isSent && box !== "received");
}

/** Tells what the client has missed, and then whatever happens. No event can come in between: there is no `await`. */
function startStream(stream: Stream, { eventId, messageId }: Position): void {
  const { response } = stream;
  response.write("retry: 1000\n\n");
  if (eventId > events.length) {
    // The client has seen more than this server knows: its folder is a new one.
    writeFrame(stream, `${events.length}`, "reset", {});
    eventId = events.length;
  } else if (messageId !== undefined) {
    writeId(stream, `${eventId}-${messageId}`);
    for (const event of events.slice(0, eventId)) {
      const message = messages.get(event.messageId);
      if (event.name !== "message" || event.messageId <= messageId || message === undefined) continue;
      if (hears(stream, event)) writeFrame(stream, `${eventId}-${event.messageId}`, "message", message);
    }
  }
  writeId(stream, `${eventId}`);
  for (let missed = eventId + 1; missed <= events.length; missed++) tell(stream, missed);
  streams.add(stream);
  response.on("close", () => streams.delete(stream));
}

/** Tells one event, if the stream is about it. */
function tell(stream: Stream, eventId: number): void {
  const event = events[eventId - 1];
  if (event === undefined || !hears(stream, event)) return;
  const isAboutText = event.name === "message" || event.name === "edit";
  const data = isAboutText ? messages.get(event.messageId) : event.data;
  // A message that was removed later is not told: its removal is.
  if (data !== undefined) writeFrame(stream, `${eventId}`, event.name, data);
}

function hears({ userId, box }: Stream, { fromIds, toId }: StreamEvent): boolean {
  return (box !== "sent" && toId === userId) || (box !== "received" && fromIds.includes(userId));
}

function writeFrame({ response }: Stream, id: string, name: string, data: object): void {
  response.write(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** Tells how far the stream has come. */
function writeId({ response }: Stream, id: string): void {
  response.write(`id: ${id}\n\n`);
}

/** Routers cut a connection on which nothing happens, so say how far the streams have come. */
function keepStreamsAlive(): void {
  for (const stream of streams) {
    // What a client does not read fills the memory.
    if (stream.response.writableLength > MAX_UNREAD_BYTES) stream.response.destroy();
    else writeId(stream, `${events.length}`);
  }
}

function endStreams(userId: number): void {
  for (const stream of streams) {
    if (stream.userId !== userId) continue;
    // Nothing may be written after the end.
    streams.delete(stream);
    stream.response.end();
  }
}

/** Makes a change: first in the journal, on the disk, and then in memory. */
function record(line: Line): void {
  const { size } = fstatSync(journal);
  try {
    appendFileSync(journal, `${JSON.stringify(line)}\n`);
    // Until here, the line may only be in the memory of the system. A power cut would lose it.
    fdatasyncSync(journal);
  } catch {
    ftruncateSync(journal, size);
    throw new Refusal(507, "The disk takes no more. Nothing was stored.");
  }
  apply(line);
  wakeAll();
  for (const stream of streams) tell(stream, events.length);
}

/** Does in memory what a line says: a new one, or one from before the last start. */
function apply(line: Line): void {
  if (line.op === "post") {
    const { op, senderAndKey, ...message } = line;
    messages.set(message.messageId, message);
    lastMessageId = message.messageId;
    // An edit puts another object into the map, so this one keeps the first text.
    if (senderAndKey !== undefined) firstAnswers.set(senderAndKey, message);
    events.push(eventAbout("message", message));
  } else if (line.op === "edit") {
    const found = messages.get(line.messageId);
    if (found === undefined) return;
    messages.set(line.messageId, { ...found, message: line.message, editedAt: line.editedAt });
    events.push(eventAbout("edit", found));
  } else if (line.op === "delete") {
    const found = messages.get(line.messageId);
    if (found === undefined) return;
    messages.delete(line.messageId);
    events.push(eventAbout("delete", found));
  } else {
    const queue = [...messages.values()].filter(({ toId }) => toId === line.userId);
    for (const { messageId } of queue) messages.delete(messageId);
    // The files of this user are gone, but nobody else may get the id.
    lastUserId = Math.max(lastUserId, line.userId);
    const fromIds = queue.map(({ fromId }) => fromId);
    events.push({ name: "leave", fromIds, toId: undefined, messageId: 0, data: { userId: line.userId } });
  }
}

function eventAbout(name: "message" | "edit" | "delete", { messageId, fromId, toId }: Message): StreamEvent {
  return { name, fromIds: [fromId], toId, messageId, data: { messageId, fromId, toId } };
}

function openJournal(): void {
  mkdirSync(messagesFolder, { recursive: true });
  const path = join(messagesFolder, "1.jsonl");
  journal = openSync(path, "a");
  syncFolder(messagesFolder);
  const bytes = readFileSync(path);
  // The server may have been killed while it wrote the last line. Nobody got a 200 for it, so it is cut off.
  const end = bytes.lastIndexOf("\n") + 1;
  ftruncateSync(journal, end);
  for (const line of bytes.toString("utf8", 0, end).split("\n")) {
    if (line !== "") apply(JSON.parse(line));
  }
}

/** Finishes what the server was doing with users when it was killed. */
function tidyUsers(): void {
  for (const userId of listUserIds()) {
    finishChange(userId);
    const hashUserHandle = hashHandle(readProfile(userId).userHandle);
    const hasToken = readUserFile(`${userId}.dat`) !== undefined;
    if (hasToken && openHandleFile(hashUserHandle) === userId) continue;
    // Half registered, or half removed. Nobody got a 200 for it, and now the user is removed.
    removeUserFile(`${userId}.dat`);
    record({ op: "leave", userId });
    removeUserFile(`${userId}.json`);
  }
  for (const name of readdirSync(usersFolder)) {
    const [, hash] = /^([0-9a-f]{64})\.dat$/.exec(name) ?? [];
    if (hash === undefined) continue;
    // An old handle, or a new one that nobody was told of.
    const { userHandle } = readProfile(openHandleFile(hash) ?? 0);
    if (hashHandle(userHandle) !== hash) removeUserFile(name);
  }
}

/** A new token is in the profile first. It goes to its own file now. */
function finishChange(userId: number): void {
  const { authToken, ...profile } = readProfile(userId);
  if (authToken === undefined) return;
  writeUserFile(`${userId}.dat`, authToken);
  writeProfile(userId, profile);
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
  openJournal();
  tidyUsers();
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
  try {
    return JSON.parse(readUserFile(`${userId}.json`) ?? "");
  } catch {
    // There is none, or the server was killed when it had written half of it.
    return { userHandle: "", registeredAt: "" };
  }
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

/** Writes a file that is there as a whole or not at all, even if the server is killed in the middle. */
function writeUserFile(name: string, text: string): void {
  const temporary = join(usersFolder, "temporary");
  writeFileSync(temporary, text, { flush: true });
  renameSync(temporary, join(usersFolder, name));
  syncFolder(usersFolder);
}

function removeUserFile(name: string): void {
  rmSync(join(usersFolder, name), { force: true });
  syncFolder(usersFolder);
}

/** The name of a file is kept in its folder, so the folder must be on the disk, too. */
function syncFolder(path: string): void {
  if (process.platform === "win32") return; // Windows does it by itself.
  const opened = openSync(path, "r");
  fsyncSync(opened);
  closeSync(opened);
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

function mustBeBoolean(inputs: Inputs, field: string, status: number): boolean {
  const value = inputs[field];
  if (typeof value === "boolean") return value;
  throw new Refusal(status, `\`${field}\` must be true or false.`, field);
}

function mustBeIdempotencyKey(key: string | string[] | undefined, status: number): string | undefined {
  if (key === undefined) return undefined;
  if (typeof key === "string" && /^[!-~]{1,255}$/.test(key)) return key;
  throw new Refusal(status, "The header `Idempotency-Key` must be 1 to 255 visible ASCII characters.");
}

/** @returns undefined if the client sent none. An id has one number, or two while the stream sends the queue. */
function mustBeEventId(id: string | string[] | undefined, status: number): Position | undefined {
  if (id === undefined || id === "") return undefined;
  const [, eventId, messageId] = /^(\d{1,16})(?:-(\d{1,16}))?$/.exec(String(id)) ?? [];
  const position = { eventId: Number(eventId), messageId: messageId === undefined ? undefined : Number(messageId) };
  if (position.eventId <= MAX_ID && (position.messageId ?? 0) <= MAX_ID) return position;
  throw new Refusal(status, "The header `Last-Event-ID` must be the `id:` of an event of this stream.");
}

function mustNotHaveOthers(inputs: Inputs, fields: string[], status: number): void {
  const other = Object.keys(inputs).find((name) => !fields.includes(name));
  if (other !== undefined) throw new Refusal(status, `This call takes only ${fields.join(" and ")}.`);
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
    throw new Refusal(
      400,
      `There are no inputs. Try: curl http://127.0.0.1:${port}/api/v1/register -d '{"secret":"…"}'`,
    );
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
  if (NUMBERS.includes(name) && /^\d+$/.test(text)) return Number(text);
  if (BOOLEANS.includes(name) && (text === "true" || text === "false")) return text === "true";
  return text;
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

/** Refuses a request before its body is read. */
function checkHeaders({ method, headers, rawHeaders }: IncomingMessage): void {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  if (hosts.length !== 1) throw new Refusal(400, "A request must have exactly one Host.");
  if (isFromOtherSite(method, headers)) throw new Refusal(403, "Pages of other websites may not use this server.");
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== "100-continue") {
    throw new Refusal(417, "The server knows no other `Expect` than 100-continue.");
  }
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding.toLowerCase() !== "identity") throw new Refusal(415, "The server does not unpack compressed bodies.");
}

/** Browsers say which page sends a request. A page of another website must not use this server in the reader's name. */
function isFromOtherSite(method: string | undefined, headers: IncomingMessage["headers"]): boolean {
  const { origin, host = "", "sec-fetch-site": site, "sec-fetch-mode": mode } = headers;
  if (origin !== undefined) return origin.toLowerCase() !== `http://${host.toLowerCase()}`;
  const isLink = method === "GET" && mode === "navigate";
  return (site === "cross-site" || site === "same-site") && !isLink;
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
  const server = createServer({ maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 30_000 }, answer);
  server.on("checkExpectation", answer);
  server.listen(Number(port), host, () => {
    console.log(`The server listens on http://${host}:${port}`);
  });
  setInterval(keepStreamsAlive, HEARTBEAT_MILLISECONDS);
}
