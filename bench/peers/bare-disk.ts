/**
 * Measures the disk alone, with no server in front of it. It appends lines as long as those of our journal to a file,
 * LINES of them with each write, and calls fdatasync after each write. With 1 line it does what a server does that
 * commits every message by itself. With 64 it does a group commit for 64 waiting clients. Durable.
 *
 *     node bench/peers/bare-disk.ts FILE SECONDS LINES
 *
 * It prints one line of JSON: a DiskResult.
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";

export interface DiskResult {
  lines: number;
  seconds: number;
  /** User and system time together. */
  processorSeconds: number;
  p50Milliseconds: number;
  p99Milliseconds: number;
}

/** The length of a journal line with a message of the usual length. */
const LINE_BYTES = 270;

if (import.meta.main) {
  const [file = "", seconds, lines] = process.argv.slice(2);
  console.log(JSON.stringify(append(file, Number(seconds), Number(lines))));
}

function append(file: string, seconds: number, linesAtOnce: number): DiskResult {
  const descriptor = openSync(file, "a");
  const bytes = Buffer.from(`${"x".repeat(LINE_BYTES - 1)}\n`.repeat(linesAtOnce));
  const milliseconds: number[] = [];
  const usedBefore = process.cpuUsage();
  const started = performance.now();
  let now = started;
  while (now < started + seconds * 1000) {
    const before = now;
    writeSync(descriptor, bytes);
    fdatasyncSync(descriptor);
    now = performance.now();
    milliseconds.push(now - before);
  }
  const { user, system } = process.cpuUsage(usedBefore);
  closeSync(descriptor);
  milliseconds.sort((a, b) => a - b);
  const quantile = (part: number) => milliseconds[Math.floor(milliseconds.length * part)] ?? 0;
  return {
    lines: milliseconds.length * linesAtOnce,
    seconds: (now - started) / 1000,
    processorSeconds: (user + system) / 1e6,
    p50Milliseconds: quantile(0.5),
    p99Milliseconds: quantile(0.99),
  };
}
