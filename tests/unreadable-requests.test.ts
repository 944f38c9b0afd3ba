/**
 * Tests what a client is told when Node's parser cannot read its request: the mistake, and what to do about it. Clients
 * that people write by hand, with a socket, make all of them.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { startApp } from "../testing/start-app.ts";

/** Sends bytes and the end of the connection. @returns what comes back. */
async function sendRaw(origin: string, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let reply = "";
  socket.on("data", (piece) => {
    reply += piece;
  });
  socket.write(bytes);
  // A few of these requests are mistakes only because they end.
  setImmediate(() => socket.end());
  await once(socket, "close");
  return reply;
}

const HOST = "\r\nHost: a\r\n\r\n";
const post = (headers: string, body: string) => `POST /api/v1/chat HTTP/1.1\r\nHost: a\r\n${headers}\r\n\r\n${body}`;
const chunked = (body: string) => post("Transfer-Encoding: chunked", body);

const CHUNK = /each piece of the body must have its size before it/;
const LINE_ENDS = /must end with a carriage return and a line feed/;
const LENGTH = /`Content-Length` must be the number of bytes/;
const HEADER = /Each header must be a name, a colon and a value/;
const SLASH = /an address that begins with a slash/;
const UNENCODED = /The address has a letter .* ø is %C3%B8/;
const VERSION = /must end with HTTP\/1\.1/;

const MISTAKES: [what: string, bytes: string | Buffer, sentence: RegExp][] = [
  ["a letter in the query that is not ASCII", `GET /api/v1/register?userHandle=bjørn HTTP/1.1${HOST}`, UNENCODED],
  ["a letter in the path that is not ASCII", `GET /bjørn HTTP/1.1${HOST}`, UNENCODED],
  ["a letter in Latin-1", Buffer.from(`GET /?a=bjørn HTTP/1.1${HOST}`, "latin1"), UNENCODED],
  ["a control character in the address", `GET /a\x01 HTTP/1.1${HOST}`, /address contains a control character/],
  ["a tab in the address", `GET /a\tb HTTP/1.1${HOST}`, /address contains a control character.* %09/],
  ["a space in the path", `GET /a b HTTP/1.1${HOST}`, /a space in the address. Write it as %20/],
  ["spaces in the query", `GET /?message=hello my world HTTP/1.1${HOST}`, /a space in the address/],
  ["no slash", `GET api/v1/chat HTTP/1.1${HOST}`, SLASH],
  ["no address", `GET HTTP/1.1${HOST}`, SLASH],
  ["quotes around the address", `GET "/api" HTTP/1.1${HOST}`, SLASH],
  ["patch in small letters", `patch / HTTP/1.1${HOST}`, /capital letters: PATCH\./],
  ["get in small letters", `get / HTTP/1.1${HOST}`, /capital letters: GET\./],
  ["Delete in mixed letters", `Delete / HTTP/1.1${HOST}`, /capital letters: DELETE\./],
  ["PATCh in mixed letters", `PATCh / HTTP/1.1${HOST}`, /capital letters: PATCH\./],
  ["query in small letters", `query / HTTP/1.1${HOST}`, /capital letters: QUERY\./],
  ["a method that nobody knows", `FETCH /api/v1/chat HTTP/1.1${HOST}`, /does not know this method. It knows GET/],
  ["a known method with one letter more", `POSTS / HTTP/1.1${HOST}`, /does not know this method/],
  ["a tab after the method", `GET\t/ HTTP/1.1${HOST}`, /After GET there must be one space/],
  ["no version", "GET /healthz\r\n\r\n", VERSION],
  ["no version, with headers", `GET /healthz${HOST}`, VERSION],
  ["http in small letters", `GET / http/1.1${HOST}`, /HTTP\/1\.1 in capital letters/],
  ["HTTPS as the version", `GET / HTTPS/1.1${HOST}`, /HTTP\/1\.1 in capital letters/],
  ["an unknown version", `GET / HTTP/1.2${HOST}`, VERSION],
  ["half a version", `GET / HTTP/1${HOST}`, VERSION],
  ["a space after the version", `GET / HTTP/1.1 ${HOST}`, VERSION],
  ["HTTP/2 in the first line", `GET / HTTP/2.0${HOST}`, VERSION],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", /This is HTTP\/2/],
  ["TLS", Buffer.from("1603010200010001fc0303", "hex"), /This is HTTPS.* http:\/\/ instead of https:\/\//],
  ["only line feeds", "GET / HTTP/1.1\nHost: a\n\n", LINE_ENDS],
  ["only line feeds after the first line", "GET / HTTP/1.1\r\nHost: a\n\n", LINE_ENDS],
  ["only a line feed at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", LINE_ENDS],
  ["only carriage returns", "GET / HTTP/1.1\rHost: a\r\r", LINE_ENDS],
  ["a carriage return in a header", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", LINE_ENDS],
  ["a header without a colon", "GET / HTTP/1.1\r\nHost: a\r\nAccept\r\n\r\n", HEADER],
  ["a space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", HEADER],
  ["a header's name that is not ASCII", "GET / HTTP/1.1\r\nHost: a\r\nNäme: a\r\n\r\n", HEADER],
  ["a body without an empty line before it", 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n{"a":1}', HEADER],
  ["a header in two lines", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", /A header must be on one line/],
  ["a space before the first header", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", /must not begin with a space/],
  ["a control character in a header", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0\r\n\r\n", /contains a control character/],
  ["a length in words", post("Content-Length: two", "{}"), LENGTH],
  ["a negative length", post("Content-Length: -1", "{}"), LENGTH],
  ["an empty length", post("Content-Length: ", "{}"), LENGTH],
  ["a length of 23 digits", post(`Content-Length: ${"9".repeat(23)}`, "{}"), LENGTH],
  ["two lengths", post("Content-Length: 2\r\nContent-Length: 2", "{}"), /more than one `Content-Length`/],
  [
    "a length and chunks",
    post("Content-Length: 2\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    /Send only one of them/,
  ],
  [
    "chunks and a length",
    post("Transfer-Encoding: chunked\r\nContent-Length: 2", "0\r\n\r\n"),
    /Send only one of them/,
  ],
  ["gzip as the coding", post("Transfer-Encoding: gzip", "{}"), /may only say `chunked`/],
  ["gzip and chunks", post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"), /may only say `chunked`/],
  ["a chunk without a size", chunked('{"a":1}'), CHUNK],
  ["a size with 0x", chunked("0x2\r\n{}\r\n0\r\n\r\n"), CHUNK],
  ["a chunk longer than its size", chunked("1\r\n{}\r\n0\r\n\r\n"), CHUNK],
  ["a chunk's size with only a line feed", chunked("2\n{}\n0\n\n"), LINE_ENDS],
  ["a long chunk extension", chunked(`2;${"x".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`), /after the size of a chunk/],
  ["headers that do not end", "GET / HTTP/1.1\r\nHost: a\r\n", /ended too early/],
  ["a body that is too short", post("Content-Length: 30", "{}"), /ended too early.*`Content-Length` says/],
  ["a tunnel to ask for", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", /not a proxy/],
  ["text", "hello\r\n\r\n", /not an HTTP request/],
  ["JSON without a head", '{"a":1}\r\n\r\n', /not an HTTP request/],
];

test("a request that cannot be read gets a sentence about the mistake, and what to do about it", async (t) => {
  const app = await startApp(t);
  for (const [what, bytes, sentence] of MISTAKES) {
    const reply = await sendRaw(app.origin, bytes);
    assert.match(reply, /^HTTP\/1.1 400 Bad Request\r\n/, what);
    assert.match(JSON.parse(reply.slice(reply.indexOf("\r\n\r\n"))).detail, sentence, what);
  }
});

test("bytes after a body whose Content-Length is too small get a sentence about that", async (t) => {
  const app = await startApp(t);
  const replies = await sendRaw(app.origin, post("Content-Length: 14", '{"myAuth":"ø"}'));
  const [, first, second = ""] = replies.split("HTTP/1.1 400 ");
  assert.match(first ?? "", /not JSON/);
  assert.match(second, /`Content-Length` was too small/);
});

test("what could not be read is not repeated", async (t) => {
  const app = await startApp(t);
  for (const secret of ["secret / HTTP/1.1", "GET / secret", "GET secret/ HTTP/1.1", "GET / HTTP/1.1\r\nsecret"]) {
    assert.doesNotMatch(await sendRaw(app.origin, `${secret}\r\n\r\n`), /secret/);
  }
});
