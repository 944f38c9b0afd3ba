/**
 * Keeps what the clients know and compares it with the server after a restart. An acknowledged change must be there. A
 * change without a reply may have happened or not. Nothing may be there twice, half written, or back after it was
 * removed.
 */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isIntact } from "../../server/store/journal/record.ts";
import { send } from "../../testing/request.ts";

export interface Client {
  userId: number;
  authToken: string;
  handle: string;
  /** The handles it may have: more than one if a change got no reply. */
  handles: Set<string>;
  /** Whether a change of the token got no reply yet. Then the file says which token counts. */
  isChangingToken: boolean;
  /** Whether it keeps its handle, so that others can send to it. */
  isSteady: boolean;
}

/** A message as it was acknowledged, with the changes that may have happened since. */
interface KnownMessage {
  texts: Set<string>;
  /** "either" if a removal got no reply. */
  state: "there" | "gone" | "either";
}

/** A message that got no reply. */
interface UnknownMessage {
  from: Client;
  to: Client;
  key: string | undefined;
}

export interface Server {
  origin: string;
  secret: string;
}

type TokenPlace = string | ((userId: number) => Promise<string>);

async function readToken(root: string, userId: number): Promise<string> {
  return (await readFile(join(root, "users", `${userId}.dat`), "utf8")).trim();
}

export function credentials({ userId, authToken }: Client): string {
  return `${userId}:${authToken}`;
}

export class Ledger {
  readonly clients: Client[] = [];
  readonly messages = new Map<number, KnownMessage>();
  /** By text, because no text is sent twice. */
  readonly unknown = new Map<string, UnknownMessage>();
  /** Users who do nothing but register, by handle. */
  readonly others = new Map<string, { userId: number; state: "there" | "gone" | "either" }>();
  /** Handles whose registration got no reply. */
  readonly unknownHandles = new Set<string>();
  readonly #idsGivenOut = new Set<number>();
  acknowledged = 0;
  #numbers = 0;

  newText(): string {
    this.#numbers++;
    return `text ${this.#numbers}`;
  }

  /** A handle or Idempotency-Key that this client has never used, however often the server was killed. */
  newName({ userId }: Client): string {
    this.#numbers++;
    return `user-${userId}-${this.#numbers}`;
  }

  takeUserId(userId: number): void {
    assert.ok(!this.#idsGivenOut.has(userId), `user id ${userId} was given out twice`);
    this.#idsGivenOut.add(userId);
  }

  /** A copy of this ledger, for another copy of the same folder. Nothing may be unknown. */
  copy(): Ledger {
    const copy = new Ledger();
    for (const client of this.clients) copy.clients.push({ ...client, handles: new Set(client.handles) });
    for (const [id, { texts, state }] of this.messages) copy.messages.set(id, { texts: new Set(texts), state });
    for (const [handle, other] of this.others) copy.others.set(handle, { ...other });
    for (const userId of this.#idsGivenOut) copy.#idsGivenOut.add(userId);
    copy.#numbers = this.#numbers;
    return copy;
  }

  /**
   * Compares everything with a server that has just started. Whatever was unknown before is known afterwards.
   * @param root its data folder, or a function that reads the token of a user where there is none.
   * @param mayBeAside whether the server may have set damaged files aside.
   */
  async compare(server: Server, root: TokenPlace, { mayBeAside = false } = {}): Promise<void> {
    await this.#compareUsers(server, root);
    await this.#compareMessages(server);
    await this.#retry(server);
    const ready = await send(server.origin, { path: "/readyz" });
    if (!mayBeAside) assert.match(ready.text, /"filesAside":0\b/, "the server found damaged files");
  }

  async #compareUsers(server: Server, root: TokenPlace): Promise<void> {
    for (const client of this.clients) {
      if (!client.isChangingToken) continue;
      client.authToken = typeof root === "string" ? await readToken(root, client.userId) : await root(client.userId);
      client.isChangingToken = false;
    }
    const [anyone] = this.clients;
    assert.ok(anyone !== undefined);
    const listed = new Map<string, number>();
    for (let after = 0; ; ) {
      const path = `/api/v1/users?limit=200&after=${after}`;
      const { status, text, json } = await send(server.origin, { path, user: credentials(anyone) });
      assert.equal(status, 200, text);
      if (json.users.length === 0) break;
      for (const { userId, userHandle } of json.users) {
        assert.ok(!listed.has(userHandle), `the handle ${userHandle} is there twice`);
        listed.set(userHandle, userId);
        after = userId;
      }
    }
    for (const client of this.clients) {
      const has = [...client.handles].filter((handle) => listed.get(handle) === client.userId);
      assert.equal(has.length, 1, `user ${client.userId} must have one of ${[...client.handles]}, but has ${has}`);
      client.handle = has[0] ?? "";
      client.handles = new Set(has);
      listed.delete(client.handle);
    }
    for (const [handle, other] of this.others) {
      if (other.state === "there") assert.equal(listed.get(handle), other.userId, `${handle} was acknowledged`);
      if (other.state === "gone") assert.equal(listed.get(handle), undefined, `${handle} left, and is back`);
      other.state = listed.delete(handle) ? "there" : "gone";
    }
    for (const [handle, userId] of listed) {
      assert.ok(this.unknownHandles.has(handle), `nobody registered ${handle}`);
      this.takeUserId(userId);
      this.others.set(handle, { userId, state: "there" });
    }
    await this.#registerUnknown(server);
  }

  /** A registration without a reply must not block its handle: if it did not happen, it must be possible now. */
  async #registerUnknown(server: Server): Promise<void> {
    for (const handle of this.unknownHandles) {
      if (this.others.get(handle)?.state === "there") continue;
      const body = { secret: server.secret, userHandle: handle };
      const { status, text, json } = await send(server.origin, { method: "POST", path: "/api/v1/register", body });
      assert.equal(status, 200, text);
      this.takeUserId(json.userId);
      this.others.set(handle, { userId: json.userId, state: "there" });
    }
    this.unknownHandles.clear();
  }

  async #compareMessages(server: Server): Promise<void> {
    const seen = new Map<number, string>();
    for (const client of this.clients) {
      for (let after = 0; ; ) {
        const path = `/api/v1/chat?limit=200&after=${after}`;
        const { status, text, json } = await send(server.origin, { path, user: credentials(client) });
        assert.equal(status, 200, text);
        for (const { messageId, message } of json.messages) {
          assert.ok(!seen.has(messageId), `message ${messageId} is there twice`);
          seen.set(messageId, message);
          after = messageId;
        }
        if (json.messages.length === 0) break;
      }
    }
    for (const [messageId, known] of this.messages) {
      const text = seen.get(messageId);
      if (known.state === "there")
        assert.ok(text !== undefined, `message ${messageId} was acknowledged and is missing`);
      if (known.state === "gone") assert.equal(text, undefined, `message ${messageId} was removed, and is back`);
      if (text !== undefined)
        assert.ok(known.texts.has(text), `message ${messageId} differs from what was acknowledged`);
      known.texts = new Set(text === undefined ? [] : [text]);
      known.state = text === undefined ? "gone" : "there";
    }
    const texts = [...seen.values()];
    assert.equal(new Set(texts).size, texts.length, "a text is there twice");
    for (const [messageId, text] of seen) {
      if (this.messages.has(messageId)) continue;
      assert.ok(this.unknown.has(text), `message ${messageId} was never sent: ${text}`);
      this.messages.set(messageId, { texts: new Set([text]), state: "there" });
    }
  }

  /** Sends each message with an Idempotency-Key again. Afterwards it must be there exactly once. */
  async #retry(server: Server): Promise<void> {
    const there = new Map(
      [...this.messages].flatMap(([id, { texts }]) => [...texts].map((text) => [text, id] as const)),
    );
    for (const [message, { from, to, key }] of this.unknown) {
      if (key === undefined) continue;
      const body = { userHandle: to.handle, message };
      const headers = { "idempotency-key": key };
      const request = { method: "POST", path: "/api/v1/chat", user: credentials(from), headers, body };
      const { status, text, json } = await send(server.origin, request);
      assert.equal(status, 200, text);
      const before = there.get(message);
      if (before !== undefined) assert.equal(json.messageId, before, `${message} was stored twice`);
      assert.ok(before !== undefined || !this.messages.has(json.messageId), `id ${json.messageId} was given out twice`);
      this.messages.set(json.messageId, { texts: new Set([message]), state: "there" });
    }
    this.unknown.clear();
  }
}

/** Checks the folder of a stopped server: no temporary file is left, and every line is whole. */
export async function assertOrderly(root: string): Promise<void> {
  for (const folder of ["users", "messages"]) {
    for (const name of await readdir(join(root, folder))) {
      assert.ok(!name.startsWith("."), `${folder}/${name} is left over`);
      const bytes = name.includes(".json") ? await readFile(join(root, folder, name)) : Buffer.alloc(0);
      if (name.endsWith(".json")) JSON.parse(bytes.toString());
      else assertWholeLines(name, bytes);
    }
  }
}

function assertWholeLines(name: string, bytes: Buffer): void {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start) + 1 || bytes.length;
    assert.ok(isIntact(bytes.subarray(start, end)), `${name} has a broken line at byte ${start}`);
    start = end;
  }
}
