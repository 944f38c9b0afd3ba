/**
 * A computer with PostgreSQL on a disk of its own. What it does is what an operator types: docs/guides/deploy.md, "When
 * the primary dies", has the same commands.
 */
import { execFile, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import type { Ending } from "../../testing/at-end.ts";
import { databasePrograms } from "../../testing/database.ts";
import { type Kind, LoopFileSystem } from "../file-system.ts";
import { Unproven } from "../proof.ts";
import type { Computer, Network } from "./network.ts";

const run = promisify(execFile);
const MEGABYTES = 320;
const LONGEST_MILLISECONDS = 60_000;
/** A standby has the same settings: pg_basebackup copies them. */
const SETTINGS = `
listen_addresses = '*'
unix_socket_directories = ''
wal_level = replica
synchronous_commit = on
shared_buffers = 32MB
min_wal_size = 32MB
max_wal_size = 128MB
wal_sender_timeout = 5s
wal_receiver_timeout = 5s
`;
const WHO_MAY_CONNECT = `
host all plainchat 10.73.0.0/24 trust
host replication plainchat 10.73.0.0/24 trust
`;

export class DatabaseComputer {
  readonly computer: Computer;
  readonly #network: Network;
  readonly #disk: LoopFileSystem;
  readonly #programs: string;

  /** @throws {Unproven} if the machine cannot do it. */
  static async make(ending: Ending, network: Network, name: string, kind: Kind): Promise<DatabaseComputer> {
    const programs = databasePrograms();
    if (programs === undefined) throw new Unproven("PostgreSQL is missing (apt install postgresql)");
    if (spawnSync("id", ["postgres"]).status !== 0) throw new Unproven("there is no user postgres to run PostgreSQL");
    const disk = await LoopFileSystem.make(ending, kind, MEGABYTES);
    // The user `postgres` must get through.
    chmodSync(dirname(disk.folder), 0o711);
    return new DatabaseComputer(network, network.add(name), disk, programs);
  }

  private constructor(network: Network, computer: Computer, disk: LoopFileSystem, programs: string) {
    this.#network = network;
    this.computer = computer;
    this.#disk = disk;
    this.#programs = programs;
  }

  get #folder(): string {
    return join(this.#disk.folder, "data");
  }

  get name(): string {
    return this.computer.name;
  }

  /** Makes an empty database `plainchat`. */
  async begin(): Promise<void> {
    this.#emptyFolder();
    await this.#do("initdb", "-D", this.#folder, "-A", "trust", "-U", "plainchat", "-E", "UTF8", "--locale=C");
    writeFileSync(join(this.#folder, "postgresql.conf"), SETTINGS);
    writeFileSync(join(this.#folder, "pg_hba.conf"), WHO_MAY_CONNECT);
    await this.start();
    await this.ask("create database plainchat", "postgres");
  }

  /** Starts PostgreSQL. Its name, `cluster_name`, is the one under which a standby is known to its primary. */
  async start(): Promise<void> {
    const log = join(this.#disk.folder, "log");
    await this.#do("pg_ctl", "start", "-w", "-s", "-D", this.#folder, "-l", log, "-o", `-c cluster_name=${this.name}`);
  }

  /** Throws its data away, copies those of the primary, and follows it. */
  async follow(primary: DatabaseComputer): Promise<void> {
    this.#network.kill(this.computer);
    this.#emptyFolder();
    const from = ["-h", primary.computer.ip, "-U", "plainchat"];
    await this.#do("pg_basebackup", ...from, "-D", this.#folder, "-R", "-X", "stream", "-c", "fast");
    await this.start();
    await primary.waitForStandby(this.name);
  }

  async waitForStandby(name: string): Promise<void> {
    await primaryWaits(
      this,
      `select from pg_stat_replication where application_name = '${name}' and state = 'streaming'`,
    );
    await this.set("synchronous_standby_names", name);
    await primaryWaits(
      this,
      `select from pg_stat_replication where sync_state = 'sync' and flush_lsn >= pg_current_wal_lsn()`,
    );
  }

  async set(setting: string, value: string): Promise<void> {
    await this.ask(`alter system set ${setting} = '${value}'`);
    await this.ask("select pg_reload_conf()");
  }

  async promote(): Promise<void> {
    await this.ask("select pg_promote()");
  }

  /** @returns what psql prints. @throws if it takes longer, or fails. */
  async ask(sql: string, database = "plainchat", milliseconds = LONGEST_MILLISECONDS): Promise<string> {
    const { ip } = this.computer;
    const [command = "", ...args] = [...this.#network.on(this.computer), "psql", "-X", "-A", "-t", "-q"];
    const where = ["-h", ip, "-U", "plainchat", "-d", database, "-v", "ON_ERROR_STOP=1", "-c", sql];
    const { stdout } = await run(command, [...args, ...where], { timeout: milliseconds, killSignal: "SIGKILL" });
    return stdout.trim();
  }

  /** kill -9, for all processes. */
  kill(): void {
    this.#network.kill(this.computer);
  }

  /** From here on nothing reaches its disk. */
  cutThePower(): void {
    this.#disk.cutThePower();
  }

  /** Switches it off, and starts it again with what is on its disk. */
  async startAgain(): Promise<void> {
    this.kill();
    this.#unmount();
    this.#disk.mount();
    rmSync(join(this.#folder, "postmaster.pid"), { force: true });
    await this.start();
  }

  /** A process that was killed needs a moment to let go of its files. */
  #unmount(): void {
    for (let tries = 1; ; tries++) {
      try {
        this.#disk.unmount();
        return;
      } catch (error) {
        if (tries === 100) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      }
    }
  }

  #emptyFolder(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    for (const folder of [this.#disk.folder, this.#folder]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const id = (flag: string) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
      chownSync(folder, id("-u"), id("-g"));
    }
  }

  /** Runs one of PostgreSQL's programs on this computer, as the user `postgres`. */
  async #do(program: string, ...args: string[]): Promise<void> {
    const as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];
    const [command = "", ...rest] = [...this.#network.on(this.computer), ...as, join(this.#programs, program), ...args];
    await run(command, rest, { timeout: LONGEST_MILLISECONDS, cwd: "/" });
  }
}

/** Asks until there is a row. */
async function primaryWaits(primary: DatabaseComputer, sql: string): Promise<void> {
  const deadline = Date.now() + LONGEST_MILLISECONDS;
  while ((await primary.ask(`select count(*) from (${sql}) as found`)) === "0") {
    if (Date.now() > deadline) throw new Error(`The standby does not come: ${sql}`);
    await setTimeout(50);
  }
}
