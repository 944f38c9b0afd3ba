/**
 * Gives each request a number by which it is found in the log: a few characters that differ from run to run, and a
 * count.
 */
import { randomBytes } from "node:crypto";

export function createRequestIds(): () => string {
  const run = randomBytes(4).toString("hex");
  let requests = 0;
  return () => {
    requests++;
    return `${run}-${requests}`;
  };
}
