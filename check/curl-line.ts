/**
 * A request as a line for curl that works when it is pasted into any shell. Bodies are full of quotes, which each shell
 * treats in its own way, so the body goes into a file.
 */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SentRequest } from "./exchange.ts";

/** Windows' old PowerShell has something else that is called curl. */
const CURL = process.platform === "win32" ? "curl.exe" : "curl";

/** What means nothing else to any shell between double quotes. The server under test may have chosen a header's value. */
const HARMLESS = /^[\w .:/+=,;@-]*$/;

/** Writes the body into a file, and makes the line. */
export async function curlLine(request: SentRequest): Promise<string> {
  const { url, method, headers, body } = request;
  const parts = [CURL, "-i", `-X ${method}`];
  for (const [name, value] of Object.entries(headers)) {
    const line = `${name}: ${value}`;
    parts.push(HARMLESS.test(line) ? `-H "${line}"` : `-H "@${await fileWith(line, "header.txt")}"`);
  }
  if (body !== undefined) parts.push(`--data-binary "@${await fileWith(body, "body.json")}"`);
  parts.push(`"${url}"`);
  return parts.join(" ");
}

/** A new file, which only its owner can read: it may hold the class secret or a token. */
async function fileWith(text: string, name: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "plainchat-check-")), name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}
