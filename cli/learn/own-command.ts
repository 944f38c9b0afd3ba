/**
 * Puts the learner's own command and port into a lesson, which is written for a server in Python at port 8000. pages.ts
 * calls it before it shows a part. The lesson's file stays as it is.
 */
import { DATA_FOLDER } from "./learners-folder.ts";

/** How a lesson starts a server. In one place it also says how in TypeScript. */
const START = /python3 server\.py 8000 data( +# .*)?/g;
/** With other arguments. */
const PROGRAM = /python3 server\.py/g;
/** Where a lesson names the port of the learner's server. */
const PORT = /(?<=127\.0\.0\.1:|check :)8000\b/g;

export interface OwnServer {
  /** With the placeholders {port} and {folder}. */
  start: string;
  port: number;
}

export function withOwnCommand(markdown: string, { start, port }: OwnServer): string {
  const program = start.split(" ").filter((word) => word !== "{port}" && word !== "{folder}");
  return markdown
    .replace(START, () => filled(start, port))
    .replace(PROGRAM, () => filled(program.join(" "), port))
    .replace(PORT, String(port));
}

function filled(command: string, port: number): string {
  return command.replaceAll("{port}", String(port)).replaceAll("{folder}", DATA_FOLDER);
}
