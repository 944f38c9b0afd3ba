/**
 * Watches the memory of a server during a long run: how much it has after a warm-up, and how much at the end. A runtime
 * takes and returns memory when it likes, so both figures are the median of several readings.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const WARM_UP_FROM = 0.2;
const WARM_UP_TO = 0.35;
const END_FROM = 0.85;
const BETWEEN_READINGS_MILLISECONDS = 100;

export class MemoryWatch {
  readonly #pid: number | undefined;
  readonly #early: number[] = [];
  readonly #late: number[] = [];
  readonly #timer: NodeJS.Timeout;
  #part = 0;

  constructor(pid: number | undefined) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#read(), BETWEEN_READINGS_MILLISECONDS);
  }

  /** @param part how much of the work is done, from 0 to 1. */
  note(part: number): void {
    this.#part = part;
  }

  /** The memory at this moment, in MiB. */
  get now(): number {
    return Math.round(residentMebibytes(this.#pid));
  }

  /** The growth from the warm-up to the end, in MiB. */
  get growth(): number {
    return Math.round(middle(this.#late) - middle(this.#early));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #read(): void {
    if (this.#part >= WARM_UP_FROM && this.#part < WARM_UP_TO) this.#early.push(residentMebibytes(this.#pid));
    if (this.#part >= END_FROM) this.#late.push(residentMebibytes(this.#pid));
  }
}

export function residentMebibytes(pid: number | undefined): number {
  if (process.platform === "linux") {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
  }
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024;
}

function middle(readings: number[]): number {
  if (readings.length === 0) throw new Error("The run was too short to measure the memory");
  return readings.toSorted((a, b) => a - b)[Math.floor(readings.length / 2)] ?? 0;
}
