/**
 * A computer with etcd, Patroni and PostgreSQL. patroni.ts makes three of them. Their settings are those that stand in
 * docs/guides/deploy.md, with other addresses and folders, so a mistake in the guide breaks the proof.
 */
import { type ChildProcess, execFile, spawnSync } from "node:child_process";
import { chownSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { atEnd, type Ending } from "../../testing/at-end.ts";
import { databasePrograms } from "../../testing/database.ts";
import { Unproven } from "../proof.ts";
import type { Computer, Network } from "./network.ts";

const run = promisify(execFile);
const GUIDE = new URL("../../docs/guides/deploy.md", import.meta.url);
/** In the guide, the computers are 10.0.0.1 to 10.0.0.3. */
const GUIDE_NET = "10.0.0.";
const PROGRAMS = { etcd: "etcd-server", patroni: "patroni", patronictl: "patroni" };
const LONGEST_MILLISECONDS = 60_000;
const AS_POSTGRES = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];

export class PatroniComputer {
  readonly computer: Computer;
  readonly #network: Network;
  readonly #folder: string;
  readonly #programs: string;
  #patroni: ChildProcess | undefined;

  /** These must be the first computers of the network: the guide's addresses end in 1, 2 and 3. @throws {Unproven} */
  static async make(ending: Ending, network: Network, name: string): Promise<PatroniComputer> {
    const programs = databasePrograms();
    if (programs === undefined) throw new Unproven("PostgreSQL is missing (apt install postgresql)");
    for (const [program, tool] of Object.entries(PROGRAMS)) {
      const found = spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
      if (!found) throw new Unproven(`${program} is missing (apt install ${tool})`);
    }
    // Not in /tmp, which may be kept in memory.
    const folder = await mkdtemp("/var/tmp/plainchat-prove-");
    const made = new PatroniComputer(network, network.add(name), folder, programs);
    atEnd(ending, () => {
      made.kill();
      // A program that was killed needs a moment to let go of its files.
      return rm(folder, { recursive: true, force: true, maxRetries: 20 });
    });
    await made.#writeSettings();
    return made;
  }

  private constructor(network: Network, computer: Computer, folder: string, programs: string) {
    this.#network = network;
    this.computer = computer;
    this.#folder = folder;
    this.#programs = programs;
  }

  get name(): string {
    return this.computer.name;
  }

  /** Starts etcd, and Patroni, which starts PostgreSQL. */
  async start(): Promise<void> {
    const etcd = settingsOf(this.#inGuide(/^```sh\n(ETCD_NAME=[\s\S]*?)^```/m));
    const env = { ...process.env, ...etcd, ETCD_DATA_DIR: join(this.#folder, "etcd") };
    await this.#start("etcd", ["etcd"], env);
    await this.startPatroni();
  }

  async startPatroni(): Promise<void> {
    // It keeps passwords in its home, as under systemd.
    const ofPostgres = { ...process.env, HOME: this.#folder };
    this.#patroni = await this.#start("patroni", [...AS_POSTGRES, "patroni", this.#settings], ofPostgres);
  }

  /** kill -9, for all programs. */
  kill(): void {
    this.#network.kill(this.computer);
  }

  /** kill -9 for Patroni alone. PostgreSQL goes on, and nobody tells it anything any more. */
  killPatroni(): void {
    this.#patroni?.kill("SIGKILL");
  }

  /** @returns what psql prints. @throws if it takes longer, or fails. */
  async ask(sql: string, database = "plainchat", milliseconds = LONGEST_MILLISECONDS): Promise<string> {
    const [command = "", ...args] = [...this.#network.on(this.computer), "psql", "-X", "-A", "-t", "-q"];
    const where = ["-h", this.computer.ip, "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-c", sql];
    const env = { ...process.env, PGPASSWORD: "PASSWORD-1", PGCONNECT_TIMEOUT: "3" };
    const { stdout } = await run(command, [...args, ...where], { env, timeout: milliseconds, killSignal: "SIGKILL" });
    return stdout.trim();
  }

  /** `patronictl`, as the operator types it here. */
  async tell(...args: string[]): Promise<string> {
    const words = [...this.#network.on(this.computer), "patronictl", "-c", this.#settings, ...args];
    const [command = "", ...rest] = words;
    const { stdout } = await run(command, rest, {
      timeout: LONGEST_MILLISECONDS,
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    return stdout;
  }

  get #settings(): string {
    return join(this.#folder, "patroni.yml");
  }

  async #writeSettings(): Promise<void> {
    const text = this.#inGuide(/^```yaml\n(scope: [\s\S]*?)^```/m)
      .replace(/data_dir: .*/, `data_dir: ${join(this.#folder, "data")}`)
      // The computers of this network share one file system, and each needs a socket of its own.
      .replace(/bin_dir: .*/, `bin_dir: ${this.#programs}\n  parameters: {unix_socket_directories: ${this.#folder}}`);
    await writeFile(this.#settings, text, { mode: 0o600 });
    for (const each of [this.#folder, this.#settings]) chownSync(each, ...postgresUser());
    await mkdir(join(this.#folder, "etcd"), { mode: 0o700 });
  }

  /** A block of the guide, which is written for the first computer, as this computer has it. */
  #inGuide(block: RegExp): string {
    const [, text] = block.exec(readFileSync(GUIDE, "utf8")) ?? [];
    if (text === undefined) throw new Error(`docs/guides/deploy.md lacks ${block}`);
    const { ip } = this.computer;
    return text
      .replaceAll(/^( *(?:listen|connect_address): |ETCD_\w+_URLS=http:\/\/)[\d.]+/gm, `$1${ip}`)
      .replace(/^(name: |ETCD_NAME=).*/m, `$1${this.name}`)
      .replaceAll(GUIDE_NET, ip.slice(0, ip.lastIndexOf(".") + 1));
  }

  /** What it says is in a file of its name. */
  async #start(name: string, command: string[], env: NodeJS.ProcessEnv): Promise<ChildProcess> {
    const log = await open(join(this.#folder, `${name}.log`), "a");
    const child = this.#network.start(this.computer, command, { env, cwd: "/", stdio: ["ignore", log.fd, log.fd] });
    await log.close();
    return child;
  }
}

/** The lines `NAME=value` of a file of settings. */
function settingsOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
}

function postgresUser(): [number, number] {
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8")) ?? [];
  if (uid === undefined) throw new Unproven("there is no user postgres to run PostgreSQL");
  return [Number(uid), Number(gid)];
}
