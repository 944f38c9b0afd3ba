/**
 * Writes a request as a curl command that works in any shell. Shells treat quotes differently and bodies are full of
 * quotes, so the body goes into a file. report-text.ts prints the line. Nothing that the server chose may run in the
 * learner's shell.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SentRequest } from "../exchange/exchange.ts";

/** In the old PowerShell of Windows, `curl` is another program. */
const CURL = process.platform === "win32" ? "curl.exe" : "curl";

/** Characters that no shell interprets inside double quotes. The server under test may have chosen a header's value. */
const HARMLESS = /^[\w .:/+=,;@-]*$/;

/**
 * Writes the body into a file and returns the line.
 * @param folder for the file. Only its owner may read it: the body may have a token in it.
 * @param name the file's name, without its extension.
 */
export async function curlLine(request: SentRequest, folder: string, name: string): Promise<string> {
  const { url, method, headers, body, encoding = "utf8" } = request;
  const parts = [CURL, "-i", method === "HEAD" ? headWith(body) : `-X ${method}`];
  const fileWith = async (text: string, ending: string) => {
    const path = join(folder, `${name}${ending}`);
    await writeFile(path, text, { mode: 0o600, encoding });
    return path;
  };
  for (const [header, value] of Object.entries(headers)) {
    const line = `${header}: ${value}`;
    parts.push(HARMLESS.test(line) ? `-H "${line}"` : `-H "@${await fileWith(line, `.${header}.txt`)}"`);
  }
  // curl would say that the body is a form.
  if (body !== undefined && headers["content-type"] === undefined) parts.push(`-H "content-type:"`);
  // Without a body, curl sends no Content-Length, but the check sends a length of 0.
  if (body === "" || (body === undefined && method !== "GET" && method !== "HEAD")) parts.push(`--data-binary ""`);
  else if (body !== undefined) parts.push(`--data-binary "@${await fileWith(body, ".json")}"`);
  parts.push(`"${url}"`);
  return parts.join(" ");
}

/** With -X HEAD, curl waits for a body that does not come, but it cannot send one with --head. */
function headWith(body: string | undefined): string {
  return body === undefined ? "--head" : "-X HEAD -m 5";
}
