/**
 * Starts a PostgreSQL for tests, in a temporary folder and on a free port of 127.0.0.1. The programs come from Debian's
 * packages (apt install postgresql), or from wherever PATH finds them. PostgreSQL refuses to run as root, so root starts
 * it as the user `postgres`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, globSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import postgres from "postgres";
import { freePort } from "../check/node/free-port.ts";
import { atEnd, type Ending } from "./at-end.ts";
import { fillCluster, type Owner } from "./empty-cluster.ts";
import { endsWithUs } from "./ends-with-us.ts";

const START_MILLISECONDS = 20_000;

export interface TestDatabase {
  port: number;
  /** The folder of the cluster. */
  folder: string;
  /** Its first process, which starts one for each connection. */
  readonly process: ChildProcess;
  /** Makes an empty database. @returns its address. */
  create: () => Promise<string>;
  /** Stops PostgreSQL. "SIGINT" ends all connections, as an operator does; "SIGQUIT" is a crash. */
  stop: (signal: "SIGINT" | "SIGQUIT" | "SIGKILL") => Promise<void>;
  /** Starts it again in the same folder and on the same port. Returns when it answers. */
  start: () => Promise<void>;
  /** Stops all its processes in the middle, or lets them go on. Connections stay open, but nothing answers. */
  freeze: (signal: "SIGSTOP" | "SIGCONT") => void;
}

interface DatabaseOptions {
  /** False is faster, and enough where nothing crashes. */
  isDurable?: boolean;
  /** Where its folder is to be, if not in the folder for temporary files. */
  parent?: string;
  /** More settings, such as `wal_level=replica`. */
  settings?: string[];
}

/** Where the programs are, or undefined if this computer has no PostgreSQL. */
export function databasePrograms(): string | undefined {
  const [newest] = globSync("/usr/lib/postgresql/*/bin").sort().reverse();
  const folders = [newest ?? "", ...(process.env.PATH ?? "").split(delimiter)];
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

/** @throws {Error} if there is no PostgreSQL: ask databasePrograms() first. */
export async function startDatabase(test: Ending, options: DatabaseOptions = {}): Promise<TestDatabase> {
  const programs = databasePrograms();
  if (programs === undefined) throw new Error("PostgreSQL is missing (apt install postgresql)");
  const folder = await mkdtemp(join(options.parent ?? tmpdir(), "plainchat-database-"));
  atEnd(test, () => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o700);
  const user = unprivileged();
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  await fillCluster(folder, programs, user);
  const port = await freePort();
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    // Otherwise it stays as it is, so that a test may switch it off.
    ...(options.isDurable === true ? [] : ["fsync=off"]),
    "max_connections=100",
    ...(options.settings ?? []),
  ];
  const addressOf = (name: string) => `postgres://plainchat@127.0.0.1:${port}/${name}`;
  let child: ChildProcess | undefined;
  const start = async () => {
    const deadline = Date.now() + START_MILLISECONDS;
    for (;;) {
      let said = "";
      const [command = "", ...args] = [...endsWithUs("QUIT"), join(programs, "postgres"), "-D", folder];
      const begun = spawn(command, [...args, ...settings.flatMap((each) => ["-c", each])], {
        ...user,
        cwd: folder,
        stdio: ["ignore", "ignore", "pipe"],
      });
      child = begun;
      begun.stderr.on("data", (text) => {
        said += text;
      });
      while (begun.exitCode === null && Date.now() < deadline) {
        if (await answers(addressOf("postgres"))) return;
        await setTimeout(50);
      }
      // After SIGKILL, the processes of its connections still end.
      if (!said.includes("still in use") || Date.now() > deadline)
        throw new Error(`PostgreSQL does not start:\n${said}`);
    }
  };
  const stop = async (signal: NodeJS.Signals) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  const freeze = (signal: "SIGSTOP" | "SIGCONT") => {
    const pid = child?.pid ?? 0;
    // Each connection has a process of its own.
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    for (const each of [pid, ...children.map(Number)]) process.kill(each, signal);
  };
  atEnd(test, () => stop("SIGQUIT"));
  await start();
  let made = 0;
  const create = async () => {
    made++;
    const name = `test_${made}`;
    const sql = postgres(addressOf("postgres"), { max: 1, onnotice: () => {} });
    await sql.unsafe(`create database ${name}`);
    await sql.end();
    return addressOf(name);
  };
  return {
    port,
    folder,
    get process() {
      return child as ChildProcess;
    },
    create,
    stop,
    start,
    freeze,
  };
}

/** Root becomes the user `postgres`, which Debian's package makes, or `nobody`. */
function unprivileged(): Owner {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync("/etc/passwd", "utf8");
  const [, uid, gid] = /^(?:postgres|nobody):[^:]*:(\d+):(\d+):/m.exec(users) ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

async function answers(address: string): Promise<boolean> {
  const sql = postgres(address, { max: 1, connect_timeout: 2, onnotice: () => {} });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
