/**
 * Runs the `docker` command and waits for it, but only up to a time limit: if the engine hangs, the container test must
 * fail, not wait forever. The rest of the container test calls it. It knows nothing about plainchat.
 */
import { execFile, spawnSync } from "node:child_process";

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

interface Ended {
  exitCode: number;
  /** What the command wrote to both of its outputs. */
  output: string;
}

/**
 * Runs docker. @returns what it printed, without the newline at the end.
 * @throws {Error} with docker's own words, if its exit code is not 0 or it takes longer than `limitSeconds`.
 */
export async function docker(options: string[], limitSeconds = 60): Promise<string> {
  const { exitCode, output } = await runDocker(options, limitSeconds);
  if (exitCode !== 0) throw new Error(`docker ${options[0]} ended with ${exitCode}: ${lastLines(output)}`);
  return output.trim();
}

/** Runs docker when the caller may want it to fail. @throws {Error} if it cannot be started or takes too long. */
export function runDocker(options: string[], limitSeconds = 60): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const limits = { timeout: limitSeconds * 1000, maxBuffer: MAX_OUTPUT_BYTES };
    execFile("docker", options, limits, (error, stdout, stderr) => {
      const output = stdout + stderr;
      if (error === null) resolve({ exitCode: 0, output });
      else if (typeof error.code === "number") resolve({ exitCode: error.code, output });
      else if (error.killed) reject(new Error(`docker ${options[0]} took more than ${limitSeconds} seconds`));
      else reject(error);
    });
  });
}

/** @returns undefined if an engine answers, otherwise a sentence that says why none does. */
export async function whyNoEngine(): Promise<string | undefined> {
  try {
    const { exitCode, output } = await runDocker(["version", "--format", "{{.Server.Version}}"], 20);
    return exitCode === 0 ? undefined : `No Docker engine answers: ${lastLines(output)}`;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return "There is no `docker` command here";
    throw error;
  }
}

/** Removes something and waits until it is done. It works in a process that is exiting. A missing thing is no error. */
export function removeNow(options: string[]): void {
  spawnSync("docker", options, { stdio: "ignore", timeout: 60_000 });
}

export function lastLines(output: string, count = 15): string {
  return output.trim().split("\n").slice(-count).join("\n");
}
