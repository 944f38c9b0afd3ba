/**
 * A computer with a plainchat server, and what the proof asks it from its own keyboard.
 */
import { type ChildProcess, execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Ending } from "../../testing/at-end.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import type { Computer, Network } from "./network.ts";
import { credentials, type Person } from "./readers.ts";

const run = promisify(execFile);
const MAIN = new URL("../../server/main.ts", import.meta.url).pathname;
const COMPILE_CACHE = join(tmpdir(), "plainchat-compile-cache");
const LONGEST_MILLISECONDS = 60_000;

/** A server that runs, or what it has said before it ended. */
export type Started = { origin: string; stop: () => void; output: () => string } | { refused: string };

/** Starts a server on this computer. @param address of the database. */
export async function startChat(
  ending: Ending,
  network: Network,
  computer: Computer,
  address: string,
  port = 8080,
): Promise<Started> {
  const root = await temporaryFolder(ending);
  const args = [MAIN, "--root", root, "--host", computer.ip, "--port", String(port), "--store", address];
  const env = { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE };
  const child = network.start(computer, [process.execPath, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (output += text));
  const isReady = await becomesReady(child, () => output);
  if (!isReady) return { refused: output };
  const origin = `http://${computer.ip}:${port}`;
  return { origin, stop: () => child.kill("SIGKILL"), output: () => output };
}

function becomesReady(child: ChildProcess, output: () => string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The server does not start:\n${output()}`)), LONGEST_MILLISECONDS);
    const end = (isReady: boolean) => {
      clearTimeout(timer);
      resolve(isReady);
    };
    child.stdout?.on("data", () => output().includes('"ready"') && end(true));
    child.once("close", () => end(false));
  });
}

/** The status of a fetch that is sent on the computer itself, and the ids in its reply. */
export async function fetchThere(
  network: Network,
  computer: Computer,
  reader: Person,
  after: number,
  port = 8080,
): Promise<{ status: number; ids: number[] }> {
  const url = `http://${computer.ip}:${port}/api/v1/chat?limit=200&after=${after}`;
  const authorization = `Basic ${btoa(credentials(reader))}`;
  const program = `
    const reply = await fetch(${JSON.stringify(url)}, { headers: { authorization: ${JSON.stringify(authorization)} } });
    const { messages = [] } = await reply.json();
    console.log(JSON.stringify({ status: reply.status, ids: messages.map(({ messageId }) => messageId) }));`;
  const [command = "", ...rest] = network.on(computer);
  const args = [...rest, process.execPath, "--input-type=module", "-e", program];
  const { stdout } = await run(command, args, { timeout: LONGEST_MILLISECONDS });
  return JSON.parse(stdout);
}
