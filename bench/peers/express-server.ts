/**
 * A small chat server with Express and SQLite, as many people would build it: a table of users, a table of messages, a
 * prepared statement for each query. Durable: a write-ahead log with `synchronous = FULL`, which syncs the log before
 * each commit returns. Each publish is its own transaction, because SQLite runs a single statement as one.
 *
 *     node bench/peers/express-server.ts ROOT     ROOT: a folder with users/secret.dat
 */
import { hash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import express, { type Request, type Response } from "express";

const MESSAGES_ON_A_PAGE = 50;
const root = process.argv[2] ?? "";

const database = new DatabaseSync(join(root, "chat.sqlite"));
database.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE users (userId INTEGER PRIMARY KEY AUTOINCREMENT, authToken TEXT, userHandle TEXT, hash TEXT UNIQUE);
  CREATE TABLE messages (
    messageId INTEGER PRIMARY KEY AUTOINCREMENT, fromId INTEGER, fromHandle TEXT, toId INTEGER, toHandle TEXT,
    message TEXT, sentAt TEXT
  );
  CREATE INDEX queues ON messages (toId, messageId);
`);
const insertUser = database.prepare("INSERT INTO users (authToken, userHandle, hash) VALUES (?, ?, ?)");
const selectUser = database.prepare("SELECT authToken, userHandle FROM users WHERE userId = ?");
const selectOwner = database.prepare("SELECT userId FROM users WHERE hash = ?");
const insertMessage = database.prepare(
  "INSERT INTO messages (fromId, fromHandle, toId, toHandle, message, sentAt) VALUES (?, ?, ?, ?, ?, ?)",
);
const selectPage = database.prepare("SELECT * FROM messages WHERE toId = ? ORDER BY messageId LIMIT ?");

class Refused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

/** Returns a text whose length is in the range. @throws {Refused} otherwise. */
function checkedText(inputs: Record<string, unknown>, name: string, least: number, most: number): string {
  const value = inputs[name];
  if (typeof value !== "string" || value.length < least || value.length > most) throw new Refused(400);
  return value;
}

function checkWhoAsks(inputs: Record<string, unknown>): { myId: number; myHandle: string } {
  const { myId } = inputs;
  if (typeof myId !== "number" || !Number.isInteger(myId)) throw new Refused(400);
  const myAuth = checkedText(inputs, "myAuth", 12, 64);
  const user = selectUser.get(myId);
  if (user === undefined) throw new Refused(401);
  if (user.authToken !== myAuth) throw new Refused(403);
  return { myId, myHandle: String(user.userHandle) };
}

function ownerOf(userHandle: string): number {
  const owner = selectOwner.get(hash("sha256", userHandle));
  if (owner === undefined) throw new Refused(404);
  return Number(owner.userId);
}

const app = express();
app.use(express.json());

app.post("/api/v1/register", (request: Request, response: Response) => {
  const userHandle = checkedText(request.body, "userHandle", 3, 64);
  const secret = readFileSync(join(root, "users", "secret.dat"), "utf8").trim();
  if (checkedText(request.body, "secret", 12, 64) !== secret) throw new Refused(403);
  const authToken = randomBytes(24).toString("base64url");
  const { lastInsertRowid } = insertUser.run(authToken, userHandle, hash("sha256", userHandle));
  response.json({ userId: Number(lastInsertRowid), authToken });
});

app.get("/api/v1/register", (request: Request, response: Response) => {
  const userHandle = checkedText(request.body, "userHandle", 3, 64);
  checkWhoAsks(request.body);
  response.json({ userId: ownerOf(userHandle) });
});

app.post("/api/v1/chat", (request: Request, response: Response) => {
  const userHandle = checkedText(request.body, "userHandle", 3, 64);
  const message = checkedText(request.body, "message", 1, 4096);
  const { myId, myHandle } = checkWhoAsks(request.body);
  const userId = ownerOf(userHandle);
  const sentAt = new Date().toISOString();
  const { lastInsertRowid } = insertMessage.run(myId, myHandle, userId, userHandle, message, sentAt);
  response.json({ userId, messageId: Number(lastInsertRowid), sentAt });
});

app.get("/api/v1/chat", (request: Request, response: Response) => {
  const { myId } = checkWhoAsks(request.body);
  response.json({ myId, messages: selectPage.all(myId, Number(request.body.limit ?? MESSAGES_ON_A_PAGE)) });
});

// Express recognises an error handler by its four parameters.
app.use((error: Error, _request: Request, response: Response, _next: () => void) => {
  response.status(error instanceof Refused ? error.status : 500).end();
});

const server = app.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) console.log(`port ${address.port}`);
});
