/**
 * Headers that no honest client sends, or not together, and bad credentials. All of them are valid HTTP. Headers that
 * are not are in smuggling.ts.
 */
import type { Person } from "./calls.ts";
import { hostileText } from "./hostile-text.ts";
import type { Random } from "./random.ts";

const CONTENT_TYPES = [
  "application/json",
  "application/x-www-form-urlencoded",
  "text/plain; charset=utf-16",
  "multipart/form-data; boundary=x",
  "application/json; charset=../../etc/passwd",
  "/",
  ";;;",
  "application/__proto__",
  "a".repeat(300),
] as const;
const HEADERS = [
  "X",
  "Cookie",
  "Accept",
  "Accept-Encoding",
  "Range",
  "If-None-Match",
  "X-Forwarded-For",
  "X-HTTP-Method-Override",
  "Origin",
  "Referer",
  "Forwarded",
  "TE",
  "Trailer",
  "Via",
  "Explain",
  "Idempotency-Key",
  "Last-Event-ID",
  "__proto__",
  "constructor",
  "Content-Encoding",
  "X-Original-URL",
  "If-Modified-Since",
] as const;
const VALUES = [
  "1",
  "1, background",
  "gzip, deflate, br",
  "bytes=0-1,5-,-9",
  "*",
  "DELETE",
  "127.0.0.1, ::1",
  "-1",
  "18-3",
  "9007199254740993",
  "key-1",
  "key-2",
  "null",
  "a,b;q=0.001",
  "/api/v1/users",
  "\x80\xff",
] as const;

export function hostileHeaders(random: Random): string {
  if (random.oneIn(300)) return Array.from({ length: random.pick([50, 300, 900]) }, (_, i) => `X-${i}: 1\r\n`).join("");
  let headers = random.oneIn(4) ? `Content-Type: ${random.pick(CONTENT_TYPES)}\r\n` : "";
  for (let i = random.below(4); i > 0; i--)
    headers += `${random.pick(HEADERS)}: ${random.oneIn(8) ? inHeader(hostileText(random)) : random.pick(VALUES)}\r\n`;
  if (random.oneIn(400))
    headers += random.pick([
      "Expect: 100-continue\r\n",
      "Expect: tea\r\n",
      "Host: b\r\n",
      "Connection: close\r\n",
      "Upgrade: websocket\r\nConnection: upgrade\r\n",
    ]);
  return headers;
}

export function hostileAuthorization(random: Random): string {
  const text = random.pick([":", "1", "1:", ":x", "1:2:3", "__proto__:x", "-1:aaaaaaaaaaaaaaaa", "1:\0"]);
  const encoded = (random.oneIn(2) ? Buffer.from(text) : random.bytes(random.below(40))).toString("base64");
  return random.pick([
    `Basic ${encoded}`,
    `basic   ${encoded}`,
    "Basic",
    "Basic ====",
    `Bearer ${encoded}`,
    `Basic ${encoded} ${encoded}`,
    inHeader(hostileText(random)),
  ]);
}

export function basic(person: Person | undefined): string {
  if (person === undefined) return "";
  return `Authorization: Basic ${Buffer.from(`${person.userId}:${person.authToken}`).toString("base64")}\r\n`;
}

/** Keeps only characters that do not end a header. */
const inHeader = (text: string) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, "").slice(0, 2000);
