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

/** Writes the body into a file, and makes the line. */
export async function curlLine(request: SentRequest): Promise<string> {
  const { url, method, headers, body } = request;
  const parts = [CURL, "-i", `-X ${method}`];
  for (const [name, value] of Object.entries(headers)) parts.push(`-H "${name}: ${value}"`);
  if (body !== undefined) {
    const folder = await mkdtemp(join(tmpdir(), "plainchat-check-"));
    const file = join(folder, "body.json");
    // It holds the class secret or a token.
    await writeFile(file, body, { mode: 0o600 });
    parts.push(`--data-binary "@${file}"`);
  }
  parts.push(`"${url}"`);
  return parts.join(" ");
}
