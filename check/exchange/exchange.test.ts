/**
 * Servers that are being written do strange things. Whatever they do, the check says it in a sentence, in bounded time
 * and memory.
 */
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { atEnd } from "../../testing/at-end.ts";
import { exchange, MAX_REPLY_BYTES, NoReply } from "./exchange.ts";

const PATIENCE_MILLISECONDS = 300;

/** A server that does something with each connection when the request has come. */
async function strangeServer(t: TestContext, act: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => act(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(t, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

function get(url: string, method = "GET", body?: string) {
  return exchange({ url, method, headers: {}, body }, PATIENCE_MILLISECONDS);
}

const HEAD = "HTTP/1.1 200 OK\r\n";
const strange: [name: string, act: (socket: Socket) => void, sentence: RegExp][] = [
  ["hangs", () => {}, /^It took the request, and did not answer within 0\.3 seconds\.$/],
  ["closes without an answer", (socket) => socket.destroy(), /^It closed the connection without an answer\./],
  ["ends without an answer", (socket) => socket.end(), /^It closed the connection without an answer\./],
  [
    "closes in the middle",
    (socket) => socket.end(`${HEAD}content-length: 10\r\n\r\nfour`),
    /^It closed the connection in the middle of its reply: 4 of 10 bytes/,
  ],
  [
    "does not finish",
    (socket) => socket.write(`${HEAD}content-length: 10\r\n\r\nfour`),
    /^It began to answer, and had not finished after 0\.3 seconds: 4 bytes/,
  ],
  [
    "drips a byte now and then",
    (socket) => {
      socket.write(`${HEAD}content-length: 100000\r\n\r\n`);
      const timer = setInterval(() => socket.write("x"), 20);
      socket.once("close", () => clearInterval(timer));
    },
    /^It began to answer, and had not finished/,
  ],
  ["is not HTTP", (socket) => socket.end("220 mail.example ESMTP\r\n"), /^What it sent is not HTTP/],
  ["sends a body alone", (socket) => socket.end('{"userId":1}'), /^What it sent is not HTTP\. It begins with "\{/],
  [
    "sends two lengths",
    (socket) => socket.end(`${HEAD}content-length: 3\r\ncontent-length: 4\r\n\r\nfour`),
    /^What it sent is not HTTP/,
  ],
  ...["HTTP/1.0", "HTTP/1.1"].map((version): (typeof strange)[number] => [
    `counts characters instead of bytes, in ${version}`,
    (socket) => socket.end(`${version} 200 OK\r\ncontent-length: 5\r\n\r\ngrüße`),
    /^Its reply goes on behind the end that its Content-Length gives\. Count bytes there, not characters\.$/,
  ]),
  [
    "sends headers without end",
    (socket) => {
      socket.write(HEAD);
      const more = () => {
        while (!socket.destroyed && socket.write(`x-more: ${"x".repeat(1000)}\r\n`));
        if (!socket.destroyed) socket.once("drain", more);
      };
      more();
    },
    /^The headers of its reply are longer than 16 KiB\.$/,
  ],
  [
    "sends a body without end",
    (socket) => {
      socket.write(`${HEAD}content-length: 1000000000\r\n\r\n`);
      const more = () => {
        while (!socket.destroyed && socket.write("x".repeat(65_536)));
        if (!socket.destroyed) socket.once("drain", more);
      };
      more();
    },
    /^It sent more than 1024 KiB in one reply/,
  ],
];

for (const [name, act, sentence] of strange) {
  test(`a server that ${name} is told so in a sentence`, async (t) => {
    const url = await strangeServer(t, act);
    const began = performance.now();
    const memory = process.memoryUsage().rss;
    await assert.rejects(get(url), (error) => {
      assert.ok(error instanceof NoReply);
      assert.match(error.message, sentence);
      return true;
    });
    assert.ok(performance.now() - began < PATIENCE_MILLISECONDS * 10);
    assert.ok(process.memoryUsage().rss - memory < 64 * MAX_REPLY_BYTES);
  });
}

test("no server, and a name that nobody has, are told apart", async (t) => {
  const url = await strangeServer(t, () => {});
  const { port } = new URL(url);
  await assert.rejects(get("http://127.0.0.1:1"), {
    message: /^Nothing listens at 127\.0\.0\.1:1\./,
    why: "unreachable",
  });
  await assert.rejects(get(`http://no-such-host.invalid:${port}`), { message: /no-such-host\.invalid/ });
});

test("a GET carries its body, and an early answer to a long body is taken", async (t) => {
  let came = "";
  const url = await strangeServer(t, (socket) => {
    socket.on("data", (piece) => {
      came += piece;
    });
    socket.end(`HTTP/1.1 413 Too long\r\ncontent-length: 0\r\n\r\n`);
  });
  const { status } = await get(url, "POST", "x".repeat(10_000));
  assert.equal(status, 413);
  const echo = await strangeServer(t, (socket) => socket.end(`${HEAD}content-length: 2\r\n\r\nok`));
  assert.equal((await get(echo, "GET", "{}")).text, "ok");
  assert.equal(typeof came, "string");
});
