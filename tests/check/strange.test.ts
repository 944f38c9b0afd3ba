/**
 * Tests the check against servers that give the same strange answer to every request. It must end with clear failures,
 * never with a crash, and nothing may control the terminal.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { httpExchange } from "../../check/node/http-exchange.ts";
import { reportJunit } from "../../check/report/report-junit.ts";
import { reportText } from "../../check/report/report-text.ts";
import { failuresIn, runCheck } from "../../check/run-check.ts";
import { loadStages } from "../../check/stages.ts";
import { atEnd } from "../../testing/at-end.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

/** Has every field, so that most cases get further and compare more. */
const ALMOST = { userId: 1, authToken: "x".repeat(20), myId: 1, messageId: 1, sentAt: "now", users: [], messages: [] };

const BODIES = [
  "",
  "ok",
  "null",
  "[]",
  "7",
  JSON.stringify(ALMOST),
  JSON.stringify({ ...ALMOST, users: {}, messages: "none" }),
  JSON.stringify({ ...ALMOST, users: [null, 1], messages: [null, "x", []], messageId: null }),
  "\u001b[2J <b>&\u0000</b>",
  "retry: 1\n\nid: \u001b[2J\nevent: \u001b]0;title\u0007\ndata: {}\n\n",
  "id: 1\n\nevent: message\ndata: {\n\ndata\n\n:\n\n",
];

for (const body of BODIES) {
  test(`every failure is explained when a server always answers ${JSON.stringify(body).slice(0, 40)}`, async (t) => {
    const type = /^(id|retry):/.test(body) ? "text/event-stream" : "application/json";
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": type }).end(body);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    atEnd(t, () => server.close());
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const report = await runCheck({
      surroundings: {
        url,
        secret: "x".repeat(12),
        profile: "full",
        patienceMilliseconds: 500,
        exchange: httpExchange,
        restart: async () => {},
      },
      stages: loadStages(),
      all: true,
    });
    const folder = await temporaryFolder(t);
    const failures = failuresIn(report);
    assert.ok(failures.length > 100, `${failures.length}`);
    for (const { failure, case: each } of failures) assert.ok((failure?.mistakes.length ?? 0) > 0, each.id);
    for (const text of [await reportText(report, { folder }), reportJunit([report])]) {
      assert.doesNotMatch(text, /\n\s+at |TypeError|\[object Object\]/);
      assert.doesNotMatch(text, /[^\P{Cc}\n\t]/u, "nothing that controls a terminal");
    }
  });
}
