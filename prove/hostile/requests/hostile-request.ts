/**
 * Makes one request that is complete in terms of HTTP, so that others can follow it on the same connection. Everything
 * else is hostile: its address, method, headers and body. About a third of them are correct.
 */
import { type Cast, METHODS, ODD_METHODS, type Person, type ValidCall, validCall } from "./calls.ts";
import { basic, hostileAuthorization, hostileHeaders } from "./hostile-headers.ts";
import { hostileBody, object } from "./hostile-json.ts";
import { hostilePath } from "./hostile-path.ts";
import { hostileEscape } from "./hostile-text.ts";
import type { Random } from "./random.ts";

export interface HostileRequest {
  bytes: Buffer;
  method: string;
  target: string;
  /** Whether its reply may take long or never end. */
  mayLast: boolean;
}

export function hostileRequest(random: Random, cast: Cast, number: number): HostileRequest {
  const valid = validCall(random, cast, number);
  const isValid = random.oneIn(3);
  const method =
    isValid || !random.oneIn(8) ? valid.method : random.oneIn(6) ? random.pick(ODD_METHODS) : random.pick(METHODS);
  const path = isValid || !random.oneIn(4) ? valid.path : hostilePath(random);
  // This may change or remove its user, so it must not be one whose queue is compared at the end.
  const isSafe = path === "/api/v1/chat" || !(method === "PATCH" || method === "DELETE");
  const person = valid.person === undefined || isSafe ? valid.person : random.pick(cast.expendable);
  const { headers, body, query } = isValid ? plainParts(random, valid, person) : hostileParts(random, valid, person);
  const target = path + query;
  const mayLast = valid.mayLast || /stream|wait/.test(target) || body.includes("wait");
  return {
    bytes: framed(random, `${method} ${target} HTTP/1.1\r\nHost: a\r\n${headers}`, body),
    method,
    target,
    mayLast,
  };
}

interface RequestParts {
  headers: string;
  body: Buffer;
  query: string;
}

function plainParts(random: Random, { inputs }: ValidCall, person: Person | undefined): RequestParts {
  const headers = random.oneIn(20) ? "Explain: 1\r\n" : "";
  if (person === undefined || random.oneIn(2)) {
    return { headers, body: Buffer.from(object(Object.entries({ ...inputs, ...credentials(person) }))), query: "" };
  }
  return { headers: headers + basic(person), body: Buffer.from(object(Object.entries(inputs))), query: "" };
}

function hostileParts(random: Random, { inputs }: ValidCall, person: Person | undefined): RequestParts {
  const inBody = person !== undefined && random.oneIn(2);
  let headers = hostileHeaders(random);
  if (!inBody) headers += random.oneIn(5) ? `Authorization: ${hostileAuthorization(random)}\r\n` : basic(person);
  const fields = inBody ? { ...inputs, ...credentials(person) } : inputs;
  if (random.oneIn(4)) {
    // All inputs in the address, one of them wrong.
    const names = Object.keys(inputs);
    const wrong = random.below(names.length + 1);
    const pairs = names.map(
      (name, i) =>
        `${name}=${i === wrong ? hostileEscape(random) : encodeURIComponent(String(JSON.parse(inputs[name] ?? "1")))}`,
    );
    if (random.oneIn(3)) pairs.push(`${hostileEscape(random)}=${hostileEscape(random)}`);
    return {
      headers: headers + (inBody ? basic(person) : ""),
      body: Buffer.alloc(0),
      query: `?${pairs.join(random.pick(["&", "&", "&&", ";"]))}`,
    };
  }
  // Now and then longer than allowed, or exactly as long as allowed.
  if (random.oneIn(2000)) return { headers, body: Buffer.alloc(65_535 + random.below(3), " "), query: "" };
  return { headers, body: hostileBody(random, fields), query: random.oneIn(10) ? `?${hostileEscape(random)}` : "" };
}

const credentials = (person: Person | undefined): Record<string, string> =>
  person === undefined ? {} : { myId: String(person.userId), myAuth: JSON.stringify(person.authToken) };

/** Puts a body after the headers, with its length or in chunks. */
function framed(random: Random, head: string, body: Buffer): Buffer {
  if (body.length === 0 && random.oneIn(2)) return Buffer.from(`${head}\r\n`, "latin1");
  if (!random.oneIn(8))
    return Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`, "latin1"), body]);
  const cut = random.below(body.length + 1);
  const pieces = [body.subarray(0, cut), body.subarray(cut)].filter(({ length }) => length > 0);
  const extension = random.pick(["", "", ";a=b", ';a="b"']);
  const chunks = pieces.map((piece) =>
    Buffer.concat([Buffer.from(`${piece.length.toString(16)}${extension}\r\n`), piece, Buffer.from("\r\n")]),
  );
  return Buffer.concat([
    Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`, "latin1"),
    ...chunks,
    Buffer.from("0\r\n\r\n"),
  ]);
}
