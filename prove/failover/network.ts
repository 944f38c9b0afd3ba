/**
 * A network of computers on one machine: each is a network namespace of Linux with a cable to a switch. A cable can be
 * pulled out, or put into a second switch, while the programs on the computer run on. Nothing of it is in the machine's
 * own network.
 */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { atEnd, type Ending } from "../../testing/at-end.ts";
import { Unproven } from "../proof.ts";

/** No other network is near these, so any private ones will do. */
const NET = "10.73.0";
const SWITCHES = ["near", "far"] as const;
type Switch = (typeof SWITCHES)[number];

export interface Computer {
  readonly name: string;
  readonly ip: string;
}

/** Checks that this machine can do it. @throws {Unproven} */
function requireNamespaces(): void {
  if (process.platform !== "linux") throw new Unproven("only Linux has network namespaces");
  if (process.getuid?.() !== 0) throw new Unproven("making network namespaces needs root");
  for (const [command, tool] of [["ip", "iproute2"] as const, ["nsenter", "util-linux"] as const]) {
    const found = spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
    if (!found) throw new Unproven(`${command} is missing (apt install ${tool})`);
  }
}

export class Network {
  readonly #computers: Computer[] = [];
  /** Different for each process, so that two proofs don't meet. */
  readonly #prefix = `plainchat-${process.pid}-`;

  /** @throws {Unproven} if the machine cannot do it. It is removed at the end, with all its programs. */
  static make(ending: Ending): Network {
    requireNamespaces();
    const network = new Network();
    atEnd(ending, () => network.remove());
    try {
      network.#addNamespace("switches");
    } catch (error) {
      throw new Unproven(`the kernel makes no network namespace here (${error})`);
    }
    for (const each of SWITCHES) {
      network.#ip("switches", ["link", "add", each, "type", "bridge"]);
      network.#ip("switches", ["link", "set", each, "up"]);
    }
    return network;
  }

  add(name: string): Computer {
    const computer = { name, ip: `${NET}.${this.#computers.length + 1}` };
    this.#addNamespace(name);
    this.#computers.push(computer);
    const peer = ["type", "veth", "peer", "name", "cable", "netns", this.#namespace(name)];
    this.#ip("switches", ["link", "add", "name", name, ...peer]);
    this.#ip(name, ["address", "add", `${computer.ip}/24`, "dev", "cable"]);
    this.#ip(name, ["link", "set", "cable", "up"]);
    this.#ip("switches", ["link", "set", "dev", name, "up"]);
    this.connect(computer, "near");
    return computer;
  }

  /** Puts the cable of a computer into a switch. */
  connect({ name }: Computer, to: Switch): void {
    this.#ip("switches", ["link", "set", "dev", name, "master", to]);
  }

  /** A command that runs another one on a computer: as in `[...network.on(computer), "psql"]`. */
  on({ name }: Computer): string[] {
    return ["nsenter", `--net=/run/netns/${this.#namespace(name)}`];
  }

  start(computer: Computer, command: string[], options: SpawnOptions = {}): ChildProcess {
    const [program = "", ...args] = [...this.on(computer), ...command];
    return spawn(program, args, options);
  }

  /** Ends all programs of a computer, as if it was switched off. */
  kill({ name }: Computer): void {
    const pids = spawnSync("ip", ["netns", "pids", this.#namespace(name)], { encoding: "utf8" }).stdout ?? "";
    for (const pid of pids.split("\n").filter(Boolean)) {
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // It has just ended.
      }
    }
  }

  /** Synchronous, so that it also works when somebody presses Ctrl-C. */
  remove(): void {
    for (const computer of [...this.#computers, { name: "switches", ip: "" }]) {
      this.kill(computer);
      spawnSync("ip", ["netns", "delete", this.#namespace(computer.name)]);
    }
    this.#computers.length = 0;
  }

  #namespace(name: string): string {
    return this.#prefix + name;
  }

  #addNamespace(name: string): void {
    run(["ip", "netns", "add", this.#namespace(name)]);
    this.#ip(name, ["link", "set", "lo", "up"]);
  }

  #ip(name: string, args: string[]): void {
    run(["ip", "-n", this.#namespace(name), ...args]);
  }
}

function run([command = "", ...rest]: string[]): void {
  const { status, stderr, error } = spawnSync(command, rest, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${[command, ...rest].join(" ")}: ${error?.message ?? stderr}`);
}
