/**
 * Gives each request an id that finds it in the log: eight characters that are new at each start, and a count.
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
