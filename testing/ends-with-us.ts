/**
 * Begins the command line of a program that must not outlive the process of the test: when that process ends, however it
 * ends, the program gets a signal. Otherwise a run of the tests that is killed would leave servers behind. Only Linux
 * can do this; elsewhere the list is empty.
 */
import { existsSync } from "node:fs";

const SETPRIV = "/usr/bin/setpriv";

export function endsWithUs(signal: "KILL" | "QUIT"): string[] {
  return process.platform === "linux" && existsSync(SETPRIV) ? [SETPRIV, "--pdeathsig", signal] : [];
}
