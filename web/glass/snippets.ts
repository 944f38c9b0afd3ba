/**
 * Writes a request as you would write it yourself, for curl, a browser or Python. A copied snippet runs as it is.
 */
import type { Credentials } from "../../client/types.ts";
import type { SeenRequest } from "./seen-request.ts";

export const SNIPPET_LANGUAGES = ["curl", "fetch", "Python"] as const;

export type SnippetLanguage = (typeof SNIPPET_LANGUAGES)[number];

/** They replace what nobody else must see. */
const USER_TO_SHOW = "MY_ID:MY_AUTH";
const SECRET_TO_SHOW = "CLASS_SECRET";

/** @param credentials of the user who copies it. Without them, the class secret is hidden, too: anybody may see it. */
export function snippet(
  language: SnippetLanguage,
  origin: string,
  request: Pick<SeenRequest, "method" | "path" | "query" | "body" | "hasCredentials">,
  credentials?: Credentials,
): string {
  const { method, path, query, hasCredentials } = request;
  const user = credentials === undefined ? USER_TO_SHOW : `${credentials.myId}:${credentials.myAuth}`;
  const parts: Parts = {
    method,
    url: `${origin}${path}${query}`,
    user: hasCredentials ? user : undefined,
    body: credentials === undefined ? withoutSecret(request.body) : request.body,
    isStream: path.endsWith("/stream"),
  };
  return { curl, fetch, Python: python }[language](parts);
}

interface Parts {
  method: string;
  url: string;
  user: string | undefined;
  body: string | undefined;
  isStream: boolean;
}

function withoutSecret(body: string | undefined): string | undefined {
  return body?.replace(/"secret":"(?:[^"\\]|\\.)*"/, `"secret":"${SECRET_TO_SHOW}"`);
}

function curl({ method, url, user, body, isStream }: Parts): string {
  const words = ["curl"];
  if (isStream) words.push("-N");
  // By itself, curl uses POST with a body and GET without one.
  if (method !== (body === undefined ? "GET" : "POST")) words.push("-X", method);
  if (user !== undefined) words.push("-u", forShell(user));
  words.push(forShell(url));
  if (body !== undefined) words.push("-d", forShell(body));
  return words.join(" ");
}

/** Inside single quotes, a shell changes nothing; only a single quote itself needs care. */
function forShell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function fetch({ method, url, user, body, isStream }: Parts): string {
  const lines = [`const reply = await fetch(${JSON.stringify(url)}, {`, `  method: "${method}",`];
  if (user !== undefined) lines.push(`  headers: { authorization: "Basic " + btoa(${JSON.stringify(user)}) },`);
  if (body !== undefined) lines.push(`  body: JSON.stringify(${body}),`);
  lines.push("});", "console.log(reply.status);");
  lines.push(
    isStream
      ? "for await (const piece of reply.body.pipeThrough(new TextDecoderStream())) console.log(piece);"
      : "console.log(await reply.text());",
  );
  return lines.join("\n");
}

function python({ method, url, user, body, isStream }: Parts): string {
  // Python reads a JSON string as the same text.
  const lines = ["import base64, urllib.error, urllib.request", ""];
  lines.push(`request = urllib.request.Request(${JSON.stringify(url)}, method="${method}")`);
  if (user !== undefined) {
    lines.push(`user = base64.b64encode(${JSON.stringify(user)}.encode()).decode()`);
    lines.push('request.add_header("Authorization", "Basic " + user)');
  }
  if (body !== undefined) lines.push(`request.data = ${JSON.stringify(body)}.encode()`);
  lines.push("try:", "    reply = urllib.request.urlopen(request)");
  lines.push("except urllib.error.HTTPError as error:", "    reply = error", "print(reply.status)");
  if (isStream) lines.push("for line in reply:", '    print(line.decode(), end="")');
  else lines.push("print(reply.read().decode())");
  return lines.join("\n");
}
