/**
 * Tests what a web page of another website can do with the server: nothing, unless the server was started with
 * `--allow-origin`. Also that the server's own pages are never taken for foreign ones, and that in class mode a website
 * cannot reach the server by letting its own name point to it (DNS rebinding).
 */
import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import { pino } from "pino";
import { createApp } from "../server/http/app.ts";
import { Live } from "../server/live/live.ts";
import { readSettings } from "../server/settings.ts";
import { startApp } from "../testing/start-app.ts";

const REGISTER = "/api/v1/register";
const ELSEWHERE = "http://localhost:3000";
const PREFLIGHT = { "access-control-request-method": "POST", "access-control-request-headers": "authorization" };

for (const [what, headers] of [
  ["another website", { origin: "https://evil.example" }],
  ["another port of the same host", { origin: "http://127.0.0.1:3000" }],
  ["a file", { origin: "null" }],
  ["a browser extension", { origin: "chrome-extension://abcdefgh" }],
  ["a website whose name begins with ours", { origin: "http://127.0.0.1.evil.example" }],
  ["another website, as the browser says, too", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
  ["something that is no origin", { origin: "<script>alert(1)</script>" }],
  ["an image or a script in another website", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
  ["an image of a neighbour website", { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" }],
  [
    "a frame in another website",
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
  ],
] as [string, Record<string, string>][]) {
  test(`a request of ${what} is refused before anything happens`, async (t) => {
    const app = await startApp(t, { isClass: true });
    const ada = await app.register("ada");
    const body = { secret: app.secret, userHandle: "grace" };
    for (const request of [
      { method: "POST", path: REGISTER, body, headers },
      { method: "POST", path: REGISTER, body, headers: { ...headers, explain: "1" } },
      { path: "/api/v1/users", user: ada.user, headers },
      { path: "/api/v1/chat/stream", user: ada.user, headers },
      { path: "/api/v1/explain", headers },
      { path: "/", headers },
      { path: "/nothing", headers },
      { method: "OPTIONS", path: REGISTER, headers: { ...headers, ...PREFLIGHT } },
    ]) {
      const reply = await app.send(request);
      assert.equal(reply.status, 403, `${request.method} ${request.path}`);
      assert.equal(reply.json.type, "/problems/forbidden");
      assert.match(reply.json.detail, /--allow-origin/);
      assert.ok(!reply.text.includes("<script>"));
      for (const name of [...Object.keys(reply.headers), "link"]) {
        assert.ok(!name.startsWith("access-control-") && reply.headers.link === undefined, name);
      }
      if (/^https?:/.test(headers.origin ?? "")) assert.ok(reply.json.detail.includes(`${headers.origin}`));
    }
    const { users } = (await app.send({ path: "/api/v1/users", user: ada.user })).json;
    assert.deepEqual(
      users.map(({ userHandle }) => userHandle),
      ["ada"],
    );
  });
}

test("a wrong secret or token in a foreign page's request does not count as a guess, and has no trace", async (t) => {
  const app = await startApp(t, { isClass: true });
  const ada = await app.register("ada");
  const watching = new AbortController();
  const feed = await fetch(`${app.origin}/api/v1/explain`, { signal: watching.signal });
  const body = { secret: "wrong-but-long-enough", userHandle: "alan" };
  const headers = { origin: ELSEWHERE };
  for (let i = 0; i < 310; i++) await app.send({ method: "POST", path: REGISTER, body, headers });
  for (let i = 0; i < 310; i++) await app.send({ path: "/api/v1/chat", user: `${ada.userId}:${body.secret}`, headers });
  assert.equal((await app.send({ path: "/api/v1/chat", user: `${ada.userId}:${body.secret}` })).status, 403);
  assert.equal((await app.send({ method: "POST", path: REGISTER, body })).status, 403);
  let told = "";
  for await (const piece of feed.body ?? []) {
    told += Buffer.from(piece).toString();
    if (told.includes('"operation":"register.post"')) break;
  }
  watching.abort();
  assert.equal(told.match(/event: trace/g)?.length, 2, "only the two requests that were no foreign page's");
});

test("requests of programs, of the server's own page, and by links are answered as always", async (t) => {
  const app = await startApp(t);
  const { host } = new URL(app.origin);
  const cases: Record<string, string>[] = [
    {},
    { origin: app.origin },
    { "sec-fetch-site": "same-origin" },
    // Behind a proxy that changes `Host`, only the browser knows.
    { origin: "https://chat.example.org", "sec-fetch-site": "same-origin" },
    // Behind a proxy with TLS.
    { origin: "https://chat.example.org", host: "chat.example.org" },
    { origin: "http://chat.example.org", host: "Chat.example.org:80" },
    { origin: "http://[::1]:8080", host: "[0:0:0:0:0:0:0:1]:8080" },
    // An address that somebody typed.
    { "sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
  ];
  for (const [i, headers] of cases.entries()) {
    const body = { secret: app.secret, userHandle: `user-${i}` };
    const what = JSON.stringify({ host, ...headers });
    const joined = await app.send({ method: "POST", path: REGISTER, body, headers });
    assert.equal(joined.status, 200, what);
    const user = `${joined.json.userId}:${joined.json.authToken}`;
    for (const path of ["/api/v1/chat", "/api/v1/chat?after=0", "/healthz"]) {
      const reply = await app.send({ path, user, headers });
      assert.equal(reply.status, 200, `${path} ${what}`);
      assert.ok(!Object.keys(reply.headers).some((name) => name.startsWith("access-control-")));
    }
  }
});

test("where a proxy says whether there is TLS, a page with the other scheme is foreign", async (t) => {
  const { store } = await startApp(t);
  const app = await createApp({ store, live: new Live(), log: pino({ level: "silent" }), trustedProxies: 1 });
  t.after(() => app.close());
  const statusFor = async (headers: Record<string, string>) =>
    (await app.inject({ url: "/healthz", headers, remoteAddress: "127.0.0.1" })).statusCode;
  const here = { host: "127.0.0.1:8080", "x-forwarded-host": "chat.example.org", "x-forwarded-proto": "https" };
  assert.equal(await statusFor({ ...here, origin: "https://chat.example.org" }), 200);
  assert.equal(await statusFor({ ...here, origin: "http://chat.example.org" }), 403);
  assert.equal(await statusFor({ ...here, origin: "https://127.0.0.1:8080" }), 403);
});

test("a page that was allowed may use every call, and read the headers of the replies", async (t) => {
  const app = await startApp(t, { allowedOrigins: [ELSEWHERE, "https://learn.example"] });
  for (const origin of [ELSEWHERE, "https://learn.example"]) {
    const headers = { origin, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" };
    const preflight = await app.send({
      method: "OPTIONS",
      path: "/api/v1/chat",
      headers: { ...headers, ...PREFLIGHT, "access-control-request-private-network": "true" },
    });
    assert.equal(preflight.status, 204, preflight.text);
    assert.equal(preflight.headers["access-control-allow-origin"], origin);
    for (const method of ["GET", "POST", "PATCH", "DELETE", "QUERY"]) {
      assert.ok(listIn(preflight.headers["access-control-allow-methods"]).includes(method.toLowerCase()), method);
    }
    const allowed = listIn(preflight.headers["access-control-allow-headers"]);
    for (const name of ["authorization", "content-type", "idempotency-key", "explain", "last-event-id"]) {
      assert.ok(allowed.includes(name), name);
    }
    assert.equal(preflight.headers["access-control-allow-private-network"], "true");
    assert.ok(Number(preflight.headers["access-control-max-age"]) > 0);
    const body = { secret: app.secret, userHandle: `at-${new URL(origin).hostname}` };
    const joined = await app.send({ method: "POST", path: REGISTER, body, headers });
    const user = `${joined.json.userId}:${joined.json.authToken}`;
    for (const [path, status] of [
      ["/api/v1/users", 200],
      ["/api/v1/register?userHandle=nobody", 404],
      ["/api/v1/chat?limit=x", 400],
      ["/nothing", 404],
      ["/client/plainchat-client.ts", 200],
      ["/openapi.json", 200],
    ] as const) {
      const reply = await app.send({ path, user, headers: { ...headers, explain: "1" } });
      assert.equal(reply.status, status, path);
      assert.equal(reply.headers["access-control-allow-origin"], origin, path);
      assert.equal(reply.headers["access-control-allow-credentials"], undefined);
      assert.ok(listIn(reply.headers.vary).includes("origin"), path);
      const exposed = listIn(reply.headers["access-control-expose-headers"]);
      for (const name of ["request-id", "retry-after", "server-timing", "link", "allow"]) {
        assert.ok(exposed.includes(name), name);
      }
    }
    const streaming = new AbortController();
    const authorization = `Basic ${Buffer.from(user).toString("base64")}`;
    const stream = await fetch(`${app.origin}/api/v1/chat/stream`, {
      headers: { ...headers, authorization },
      signal: streaming.signal,
    });
    assert.equal(stream.headers.get("access-control-allow-origin"), origin);
    streaming.abort();
  }
  const other = await app.send({ path: "/healthz", headers: { origin: "http://localhost:3001" } });
  assert.equal(other.status, 403);
  const without = await app.send({ method: "POST", path: REGISTER, body: {} });
  assert.ok(listIn(without.headers.vary).includes("origin"), "a cache must not give this reply to an allowed page");
  assert.equal(without.headers["access-control-allow-origin"], undefined);
});

test("with `*` every page is allowed, and never with credentials of the browser", async (t) => {
  const app = await startApp(t, { allowedOrigins: ["*"] });
  for (const headers of [{ origin: ELSEWHERE }, { origin: "null" }, { "sec-fetch-site": "cross-site" }]) {
    const reply = await app.send({ path: "/healthz", headers: headers as Record<string, string> });
    assert.equal(reply.status, 200);
    if ("origin" in headers) assert.equal(reply.headers["access-control-allow-origin"], "*");
    assert.equal(reply.headers["access-control-allow-credentials"], undefined);
  }
});

test("with `local`, pages of this computer and of private addresses are allowed", async (t) => {
  const app = await startApp(t, { isClass: true, allowedOrigins: ["local"] });
  for (const [origin, status] of [
    [ELSEWHERE, 200],
    ["http://127.0.0.1:5500", 200],
    ["http://[::1]:5500", 200],
    ["http://192.168.1.37:5500", 200],
    ["http://10.0.0.9", 200],
    ["http://172.31.0.9", 200],
    ["http://[fd00::1]:5500", 200],
    ["http://172.32.0.9", 403],
    ["http://193.168.1.37", 403],
    ["http://10.evil.example", 403],
    ["http://localhost.evil.example", 403],
    ["http://[2001:db8::1]", 403],
    ["null", 403],
  ] as const) {
    const reply = await app.send({ path: "/healthz", headers: { origin } });
    assert.equal(reply.status, status, origin);
    assert.equal(reply.headers["access-control-allow-origin"], status === 200 ? origin : undefined);
  }
});

test("in class mode the server answers only to names that it knows", async (t) => {
  const app = await startApp(t, { isClass: true, allowedHosts: ["Chat.Example.Org"] });
  const [ownName] = hostname().split(".");
  for (const [host, isKnown] of [
    ["127.0.0.1:8080", true],
    ["192.168.1.20:8080", true],
    ["[fe80::1]:8080", true],
    ["localhost:8080", true],
    ["LOCALHOST.", true],
    [hostname(), true],
    [`${ownName}.local:8080`, true],
    ["chat.example.org", true],
    ["evil.example", false],
    ["evil.example:8080", false],
    ["localhost.evil.example", false],
    ["127.0.0.1.evil.example", false],
    ["chat.example.org.evil.example", false],
    ["127.0.0.1@evil.example", false],
  ] as const) {
    for (const path of ["/", "/api/v1/class", "/api/v1/explain/x", "/healthz"]) {
      const { status, json } = await app.send({ path, headers: { host } });
      if (isKnown) assert.notEqual(status, 403, `${host} ${path}`);
      else assert.equal(status, 403, `${host} ${path}`);
      if (!isKnown) assert.match(json.detail, /--allow-host/);
    }
    const headers = { host, origin: `http://${host}` };
    const body = { secret: "wrong-but-long-enough", userHandle: "ada" };
    const { json } = await app.send({ method: "POST", path: REGISTER, body, headers });
    assert.equal(json.step, isKnown ? "register.post.3" : undefined, host);
  }
});

test("without class mode every name is answered, unless names were given", async (t) => {
  const anyName = await startApp(t);
  assert.equal((await anyName.send({ path: "/healthz", headers: { host: "evil.example" } })).status, 200);
  const named = await startApp(t, { allowedHosts: ["chat.example.org"] });
  const statusFor = async (host: string) => (await named.send({ path: "/healthz", headers: { host } })).status;
  assert.equal(await statusFor("evil.example"), 403);
  assert.equal(await statusFor("chat.example.org"), 200);
});

test("a class has a name on the local network, unless it is turned off", () => {
  const read = (flags: string[], environment = {}) => {
    const settings = readSettings(flags, environment);
    assert.ok(settings !== "help");
    return settings;
  };
  assert.equal(read([]).localName, undefined);
  assert.equal(read(["--class"]).localName, "plainchat");
  // If another computer has the name, the server takes the next one, so it knows both.
  assert.deepEqual(read(["--class"]).allowedHosts.slice(0, 2), ["plainchat.local", "plainchat-2.local"]);
  assert.equal(read(["--class", "--local-name", "Physics.local"]).localName, "physics");
  assert.equal(read(["--class"], { PLAINCHAT_LOCAL_NAME: "physics" }).localName, "physics");
  assert.ok(read(["--class"], { PLAINCHAT_LOCAL_NAME: "physics" }).allowedHosts.includes("physics.local"));
  for (const [flags, environment] of [
    [["--class", "--no-local-name"], {}],
    [["--class"], { PLAINCHAT_NO_LOCAL_NAME: "1" }],
  ] as const) {
    assert.deepEqual(
      [read([...flags], environment).localName, read([...flags], environment).allowedHosts],
      [undefined, []],
    );
  }
  for (const wrong of ["", "my class", "-a", "a.b", "ä", "a".repeat(61)]) {
    assert.throws(() => read(["--class", `--local-name=${wrong}`]), /--local-name takes one word/, wrong);
  }
  assert.throws(() => read([], { npm_config_local_name: "physics" }), /npm start -- --local-name physics$/);
  assert.throws(
    () => read([], { npm_config_local_name: "" }),
    /npm kept --no-local-name .* npm start -- --no-local-name$/,
  );
});

test("origins and names come from flags, or from variables", () => {
  const read = (flags: string[], environment = {}) => {
    const settings = readSettings(flags, environment);
    assert.ok(settings !== "help");
    return [settings.allowedOrigins, settings.allowedHosts];
  };
  assert.deepEqual(read([]), [[], []]);
  const origins = ["--allow-origin", "http://LOCALHOST:80/", "--allow-origin=https://a.b:444,null"];
  assert.deepEqual(read([...origins, "--allow-host", "Chat.example.org"]), [
    ["http://localhost", "https://a.b:444", "null"],
    ["chat.example.org"],
  ]);
  const variables = { PLAINCHAT_ALLOW_ORIGIN: "* local", PLAINCHAT_ALLOW_HOST: "a.b c.d:8080" };
  assert.deepEqual(read(["--host", "laptop.lan"], variables), [
    ["*", "local"],
    ["a.b", "c.d", "laptop.lan"],
  ]);
  assert.deepEqual(read(["--class", "--no-local-name"]), [[], []]);
  assert.deepEqual(read(["--class", "--no-local-name", "--host", "laptop.lan"]), [[], ["laptop.lan"]]);
  for (const wrong of ["localhost:3000", "http://a.b/c", "http://a@b", "http://", "localhost", "http://a.b?c"]) {
    assert.throws(() => read(["--allow-origin", wrong]), /is not an origin/, wrong);
  }
  for (const wrong of ["http://a.b", "a.b/c", "a@b"]) {
    assert.throws(() => read(["--allow-host", wrong]), /is not the name of a server/, wrong);
  }
});

/** The names in a header such as `Vary`, in small letters. */
function listIn(value: string | undefined): string[] {
  return (value ?? "").toLowerCase().split(/ *, */);
}
