/**
 * Half-finished servers do strange things. Whatever they do, the check explains it in a sentence, within limits of
 * time and memory.
 */
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { atEnd } from "../../testing/at-end.ts";
import { MAX_REPLY_BYTES, NoReply } from "../exchange/exchange.ts";
import { runCase } from "../run-case.ts";
import { httpExchange } from "./http-exchange.ts";

const PATIENCE_MILLISECONDS = 300;
/** For what ends because it is too long. On a busy computer, that takes more than a moment to arrive. */
const LONG_PATIENCE_MILLISECONDS = 30_000;

/** A server that calls `act` with each connection when its request begins to arrive. */
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

function get(url: string, method = "GET", body?: string, patience = PATIENCE_MILLISECONDS) {
  return httpExchange.send({ url, method, headers: {}, body }, patience);
}

const HEAD = "HTTP/1.1 200 OK\r\n";
const strange: [name: string, act: (socket: Socket) => void, sentence: RegExp, patience?: number][] = [
  ["hangs", () => {}, /^The server accepted the request, but did not answer within 0\.3 seconds\.$/],
  ["closes without an answer", (socket) => socket.destroy(), /^The server closed the connection without an answer\./],
  ["ends without an answer", (socket) => socket.end(), /^The server closed the connection without an answer\./],
  [
    "closes in the middle",
    (socket) => socket.end(`${HEAD}content-length: 10\r\n\r\nfour`),
    /^The server closed the connection in the middle of its reply: 4 of 10 bytes/,
  ],
  [
    "does not finish",
    (socket) => socket.write(`${HEAD}content-length: 10\r\n\r\nfour`),
    /^The server began to answer, but did not finish within 0\.3 seconds: 4 bytes/,
  ],
  [
    "drips a byte now and then",
    (socket) => {
      socket.write(`${HEAD}content-length: 100000\r\n\r\n`);
      const timer = setInterval(() => socket.write("x"), 20);
      socket.once("close", () => clearInterval(timer));
    },
    /^The server began to answer, but did not finish/,
  ],
  [
    "does not speak HTTP",
    (socket) => socket.end("220 mail.example ESMTP\r\n"),
    /^The server sent something that is not HTTP/,
  ],
  [
    "sends a body alone",
    (socket) => socket.end('{"userId":1}'),
    /^The server sent something that is not HTTP\. It begins with "\{/,
  ],
  [
    "sends two lengths",
    (socket) => socket.end(`${HEAD}content-length: 3\r\ncontent-length: 4\r\n\r\nfour`),
    /^The server sent something that is not HTTP/,
  ],
  ...["HTTP/1.0", "HTTP/1.1"].map((version): (typeof strange)[number] => [
    `counts characters instead of bytes, in ${version}`,
    (socket) => socket.end(`${version} 200 OK\r\ncontent-length: 5\r\n\r\ngrüße`),
    /^The reply is longer than its Content-Length says\. Count bytes there, not characters\.$/,
  ]),
  [
    "never stops sending headers",
    (socket) => {
      socket.write(HEAD);
      const more = () => {
        while (!socket.destroyed && socket.write(`x-more: ${"x".repeat(1000)}\r\n`));
        if (!socket.destroyed) socket.once("drain", more);
      };
      more();
    },
    /^The headers of the reply are longer than 16 KiB\.$/,
    LONG_PATIENCE_MILLISECONDS,
  ],
  [
    "never stops sending a body",
    (socket) => {
      socket.write(`${HEAD}content-length: 1000000000\r\n\r\n`);
      const more = () => {
        while (!socket.destroyed && socket.write("x".repeat(65_536)));
        if (!socket.destroyed) socket.once("drain", more);
      };
      more();
    },
    /^The server sent more than 1024 KiB in one reply/,
    LONG_PATIENCE_MILLISECONDS,
  ],
];

for (const [name, act, sentence, patience = PATIENCE_MILLISECONDS] of strange) {
  test(`the check explains a server that ${name}`, async (t) => {
    const url = await strangeServer(t, act);
    const began = performance.now();
    const memory = process.memoryUsage().rss;
    await assert.rejects(get(url, "GET", undefined, patience), (error) => {
      assert.ok(error instanceof NoReply);
      assert.match(error.message, sentence);
      return true;
    });
    assert.ok(performance.now() - began < patience * 10);
    assert.ok(process.memoryUsage().rss - memory < 64 * MAX_REPLY_BYTES);
  });
}

test("no server and an unknown host name get different errors", async (t) => {
  const url = await strangeServer(t, () => {});
  const { port } = new URL(url);
  await assert.rejects(get("http://127.0.0.1:1"), {
    message: /^Nothing listens at 127\.0\.0\.1:1\./,
    why: "unreachable",
  });
  await assert.rejects(get(`http://no-such-host.invalid:${port}`), { message: /no-such-host\.invalid/ });
});

test("a reply to HEAD must end after its headers", async (t) => {
  const right = await strangeServer(t, (socket) => socket.end(`${HEAD}content-length: 4\r\n\r\n`));
  assert.equal((await get(right, "HEAD")).text, "");
  const wrong = await strangeServer(t, (socket) => socket.end(`${HEAD}content-length: 4\r\n\r\nfour`));
  await assert.rejects(get(wrong, "HEAD"), { message: "The reply to HEAD has a body. Send only the headers." });
});

test("a GET sends its body, and an early answer to a long body is accepted", async (t) => {
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

test("a reply to HEAD with a body has a sentence of its own", async (t) => {
  const url = await strangeServer(t, (socket) => socket.end(`${HEAD}content-length: 4\r\n\r\nfour`));
  await assert.rejects(get(url, "HEAD"), { message: "The reply to HEAD has a body. Send only the headers." });
});

test("a reply that says no length is told from one that ends with its connection", async (t) => {
  for (const [reply, saysNoEnd] of [
    ["HTTP/1.1 200 OK\r\n\r\nhello", true],
    ["HTTP/1.1 404 Not Found\r\n\r\n", true],
    ["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", undefined],
    ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", undefined],
    ["HTTP/1.1 204 No Content\r\n\r\n", undefined],
    ["HTTP/1.0 200 OK\r\n\r\nhello", undefined],
    ["HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n\r\nhello", true],
  ] as const) {
    const url = await strangeServer(t, (socket) => socket.end(reply));
    assert.equal((await get(url)).saysNoEnd, saysNoEnd, reply);
    const asAgain = { url, method: "GET", headers: {}, body: undefined };
    assert.equal(
      await httpExchange.staysOpen?.(asAgain, PATIENCE_MILLISECONDS),
      "closed",
      "it has closed the connection",
    );
  }
  const silent = await strangeServer(t, () => {});
  const open = await strangeServer(t, (socket) => socket.write(`${HEAD}\r\nhello`));
  const request = (url: string) => ({ url, method: "POST", headers: {}, body: "{}" });
  assert.equal(await httpExchange.staysOpen?.(request(silent), PATIENCE_MILLISECONDS), undefined);
  assert.equal(await httpExchange.staysOpen?.(request(open), PATIENCE_MILLISECONDS), "open");
  // Node answers a header that is too long like this, and closes. Its usual replies have a length, and stay open.
  const usual = await strangeServer(t, (socket) => socket.write(`${HEAD}Content-Length: 2\r\n\r\nok`));
  const chunked = await strangeServer(t, (socket) =>
    socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
  );
  for (const url of [usual, chunked]) {
    assert.equal(await httpExchange.staysOpen?.(request(url), PATIENCE_MILLISECONDS), "open after a length");
  }
  const inBody = await strangeServer(t, (socket) => socket.write(`${HEAD}\r\n\r\ncontent-length: 2\r\n`));
  assert.equal(await httpExchange.staysOpen?.(request(inBody), PATIENCE_MILLISECONDS), "open", "a body is no head");
  await assert.rejects(get(open), { why: "no end", message: /^Your reply does not say how long it is/ });
});

test("requests that say keep-alive share a connection, and a new one is made when the server has closed it", async (t) => {
  const requests: number[] = [];
  const server = createServer((socket) => {
    const connection = requests.push(0) - 1;
    socket.on("error", () => {});
    socket.on("data", () => {
      const count = (requests[connection] ?? 0) + 1;
      requests[connection] = count;
      // Closing without a reply is what a server does when a connection has been idle for too long.
      if (count === 3) socket.resetAndDestroy();
      else socket.write(`${HEAD}content-length: 2\r\n\r\nok`);
    });
    atEnd(t, () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(t, () => server.close());
  const { port } = server.address() as { port: number };
  const request = { url: `http://127.0.0.1:${port}`, method: "GET", body: undefined };
  for (let n = 1; n <= 3; n++) {
    const { text } = await httpExchange.send(
      { ...request, headers: { connection: "keep-alive" } },
      PATIENCE_MILLISECONDS,
    );
    assert.equal(text, "ok");
  }
  await httpExchange.send({ ...request, headers: {} }, PATIENCE_MILLISECONDS);
  assert.deepEqual(requests, [3, 1, 1]);
});

test("a request can have no Host header, or several", async (t) => {
  let came = "";
  const server = createServer((socket) => {
    socket.on("data", (piece) => {
      came += piece;
      socket.end(`${HEAD}content-length: 0\r\n\r\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(t, () => server.close());
  const { port } = server.address() as { port: number };
  for (const host of ["", "one, two"]) {
    const request = { url: `http://127.0.0.1:${port}`, method: "GET", headers: { host }, body: undefined };
    await httpExchange.send(request, PATIENCE_MILLISECONDS);
  }
  assert.deepEqual(came.match(/^host:.*$/gim), ["host: one", "host: two"]);
});

test("a case leaves no connection open: a server that serves one at a time answers the next case", async (t) => {
  const queue: Socket[] = [];
  const serve = (socket: Socket | undefined) => {
    socket?.resume();
    socket?.on("data", () => socket.write(`${HEAD}content-length: 2\r\n\r\nok`));
    socket?.once("close", () => {
      queue.shift();
      serve(queue[0]);
    });
  };
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on("error", () => {});
    queue.push(socket);
    if (queue.length === 1) serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(t, () => {
    for (const socket of queue) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const surroundings = {
    url: `http://127.0.0.1:${port}`,
    secret: "river-candle-orbit-maple",
    profile: "full",
    patienceMilliseconds: 1000,
    exchange: httpExchange,
  } as const;
  const caseOf = (headers: Record<string, string>) => {
    return { id: "a", title: "", steps: [], hint: "", do: [{ send: "GET /", headers, expect: { status: 200 } }] };
  };
  assert.equal(await runCase(caseOf({ connection: "keep-alive" }), surroundings), undefined);
  assert.equal(await runCase(caseOf({}), surroundings), undefined);
});
