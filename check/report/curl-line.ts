/**
 * A request as a line for curl that works when it is pasted into any shell. Bodies are full of quotes, which each shell
 * treats in its own way, so the body goes into a file.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SentRequest } from "../exchange/exchange.ts";

/** Windows' old PowerShell has something else that is called curl. */
const CURL = process.platform === "win32" ? "curl.exe" : "curl";

/** What means nothing else to any shell between double quotes. The server under test may have chosen a header's value. */
const HARMLESS = /^[\w .:/+=,;@-]*$/;

/**
 * Writes the body into a file, and makes the line.
 * @param folder where the file goes: one that only its owner can read, for there may be a token in it.
 * @param name what the file is called, without its ending.
 */
export async function curlLine(request: SentRequest, folder: string, name: string): Promise<string> {
  const { url, method, headers, body } = request;
  const parts = [CURL, "-i", `-X ${method}`];
  const fileWith = async (text: string, ending: string) => {
    const path = join(folder, `${name}${ending}`);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  for (const [header, value] of Object.entries(headers)) {
    const line = `${header}: ${value}`;
    parts.push(HARMLESS.test(line) ? `-H "${line}"` : `-H "@${await fileWith(line, `.${header}.txt`)}"`);
  }
  // Without a body, curl says nothing of its length, and the check says that it is 0.
  if (body === "" || (body === undefined && method !== "GET")) parts.push(`--data-binary ""`);
  else if (body !== undefined) parts.push(`--data-binary "@${await fileWith(body, ".json")}"`);
  parts.push(`"${url}"`);
  return parts.join(" ");
}
