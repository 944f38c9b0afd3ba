/**
 * Starts the whole server in the process of the test: a real store in a temporary folder, a real socket, and a log that
 * the test can read. This is faster than a separate process.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { after } from "node:test";
import { pino } from "pino";
import postgres from "postgres";
import type { CheckOptions } from "../server/checks/checks.ts";
import { createApp } from "../server/http/app.ts";
import { Live } from "../server/live/live.ts";
import { logOptions } from "../server/log.ts";
import type { Clock } from "../server/steps/random-and-clock.ts";
import type { ChatEvent } from "../server/store/contract.ts";
import { type FileStore, openStore } from "../server/store/open-store.ts";
import { openDatabase } from "../server/store/postgres/open-database.ts";
import type { Store } from "../server/store/store.ts";
import { atEnd, type Ending } from "./at-end.ts";
import { startDatabase } from "./database.ts";
import { type Reply, type Request, send } from "./request.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/**
 * The name by which browsers in tests call the server. They treat 127.0.0.1 as if it had https. They do not treat this
 * name like that, nor an address in a school's network.
 */
export const SCHOOL = "school.test";

/** In class mode, the key with which the projector may show the class secret. */
export const PROJECTOR_KEY = "key-of-the-projector";
/** In class mode, the key of the teacher. */
export const TEACHER_KEY = "key-of-the-teacher";

export interface Person {
  userId: number;
  authToken: string;
  userHandle: string;
  /** `myId:myAuth`, as for `curl -u`. */
  user: string;
}

export interface RunningApp {
  root: string;
  /** The address of its database, if it has one. */
  database: string | undefined;
  origin: string;
  secret: string;
  store: FileStore;
  /** The sentences that the store reported. */
  reports: string[];
  /** Everything logged so far. */
  logged: () => string;
  send: (request: Request) => Promise<Reply>;
  register: (userHandle: string) => Promise<Person>;
  publish: (from: Person, to: Person, message: string) => Promise<number>;
  /** Stops the server as the program does. It is also stopped when the test ends. */
  stop: () => Promise<void>;
}

/**
 * With PLAINCHAT_TEST_DATABASE=1, every app of a test file keeps its data in a database. So the same tests show that the
 * other store does the same.
 */
const sharedDatabase =
  process.env.PLAINCHAT_TEST_DATABASE === "1" ? await startDatabase({ after: (work) => after(work) }) : undefined;

/** Where the data of the app with this folder are: one that takes its place goes on with them. */
const databaseOf = new Map<string, string>();

export async function startApp(
  test: Ending,
  options: {
    maxFileBytes?: number;
    heartbeatMilliseconds?: number;
    openForEach?: number;
    isClass?: boolean;
    /** The folder of an app that was stopped: this one goes on with it. */
    root?: string;
    clock?: Clock;
    /** For a server that takes the place of another one. */
    port?: number;
    allowedOrigins?: readonly string[];
    allowedHosts?: readonly string[];
    checks?: Partial<CheckOptions>;
    courseFolder?: URL;
    trustedProxies?: number;
    localName?: { readonly current: string | undefined };
    maxConnections?: number;
    maxHeldBytes?: number;
    untakenMilliseconds?: number;
    /** The address of a database that has the data. Then `store` has only what every store has. */
    database?: string | undefined;
  } = {},
): Promise<RunningApp> {
  const root = options.root ?? (await temporaryFolder(test));
  let logged = "";
  const output = new Writable({
    write(piece, _encoding, done) {
      logged += piece;
      done();
    },
  });
  const reports: string[] = [];
  const live = new Live(options);
  const isClass = options.isClass === true;
  if (isClass && options.root === undefined) {
    await mkdir(join(root, "class"));
    const keys = { teacher: TEACHER_KEY, projector: PROJECTOR_KEY };
    await writeFile(join(root, "class", "keys.json"), JSON.stringify(keys));
  }
  const told = {
    now: Date.now,
    report: (_level: string, sentence: string) => reports.push(sentence),
    onEvent: (event: ChatEvent) => live.tell(event),
    onTokenEnd: (userId: number) => live.endUser(userId),
    onClassChange: () => live.tellNews(),
  };
  const onFatal = (error: unknown) => {
    throw error;
  };
  const maxFileBytes = options.maxFileBytes ?? 64 * 1024 * 1024;
  const address = options.database ?? databaseOf.get(root) ?? (await sharedDatabase?.create());
  if (address !== undefined) databaseOf.set(root, address);
  const store =
    address === undefined
      ? await openStore({ ...told, root, isClass, onFatal, maxFileBytes })
      : // A PostgreSQL for tests does not wait for the disk.
        ((await openDatabase({ ...told, address, isClass, mustBeDurable: false })) as FileStore);
  if (isClass && address !== undefined && options.root === undefined) await keepKeys(address);
  const app = await createApp({
    store,
    live,
    log: pino(logOptions("debug"), output),
    ...(options.clock && { clock: options.clock }),
    maxConnections: options.maxConnections,
    maxHeldBytes: options.maxHeldBytes,
    untakenMilliseconds: options.untakenMilliseconds,
    allowedOrigins: options.allowedOrigins,
    checks: options.checks,
    courseFolder: options.courseFolder,
    ...(options.trustedProxies !== undefined && { trustedProxies: options.trustedProxies }),
    localName: options.localName,
    allowedHosts: options.allowedHosts ?? (isClass ? [SCHOOL] : []),
  });
  const origin = await app.listen({ host: "127.0.0.1", port: options.port ?? 0 });
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      live.close();
      await app.close();
      await store.close();
    })();
    return stopping;
  };
  atEnd(test, async () => {
    if (stopping === undefined) app.server.closeAllConnections();
    await stop();
  });

  const secret = (await (store as Store).secret.open())?.text ?? "";
  const sendHere = (request: Request) => send(origin, request);
  const register = async (userHandle: string): Promise<Person> => {
    const reply = await sendHere({ method: "POST", path: "/api/v1/register", body: { secret, userHandle } });
    const { userId, authToken } = reply.json;
    if (reply.status !== 200) throw new Error(reply.text);
    return { userId, authToken, userHandle, user: `${userId}:${authToken}` };
  };
  const publish = async (from: Person, to: Person, message: string): Promise<number> => {
    const body = { userHandle: to.userHandle, message };
    const reply = await sendHere({ method: "POST", path: "/api/v1/chat", user: from.user, body });
    if (reply.status !== 200) throw new Error(reply.text);
    return reply.json.messageId;
  };
  return {
    root,
    database: address,
    origin,
    secret,
    store,
    reports,
    logged: () => logged,
    send: sendHere,
    register,
    publish,
    stop,
  };
}

/** A server makes keys that nobody knows. A test must know them. */
async function keepKeys(address: string): Promise<void> {
  const sql = postgres(address, { max: 1, onnotice: () => {} });
  await sql`update class_keys set teacher = ${TEACHER_KEY}, projector = ${PROJECTOR_KEY}`;
  await sql.end();
}
