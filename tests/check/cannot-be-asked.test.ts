/**
 * Tests that a request which never reached the learner's program does not count against it. The server here answers
 * QUERY as PHP's built-in server does: php -S of PHP 8.2 sends this page, and runs no script.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { httpExchange } from "../../check/node/http-exchange.ts";
import { reportJson } from "../../check/report/report-json.ts";
import { reportJunit } from "../../check/report/report-junit.ts";
import { reportText } from "../../check/report/report-text.ts";
import { type Report, runCheck } from "../../check/run-check.ts";
import { loadStages } from "../../check/stages.ts";
import { atEnd } from "../../testing/at-end.ts";

const PAGE_OF_PHP = `<!doctype html><html><head><title>501 Not Implemented</title><style>
body { background-color: #fcfcfc; color: #333333; margin: 0; padding:0; }
h1 { font-size: 1.5em; font-weight: normal; background-color: #9999cc; min-height:2em; line-height:2em; border-bottom: 1px inset black; margin: 0; }
h1, p { padding-left: 10px; }
code.url { background-color: #eeeeee; font-family:monospace; padding:0 2px;}
</style>
</head><body><h1>Not Implemented</h1><p>Request method not supported.</p></body></html>`;

/** Checks a server that registers everybody and answers QUERY with this page, with two cases. */
async function checked(t: TestContext, page: string): Promise<Report> {
  let lastId = 0;
  const server = createServer((request, response) => {
    const body = { userId: ++lastId, authToken: `token-of-user-${lastId}` };
    if (request.method === "POST") response.writeHead(200, { "content-type": "application/json" });
    else if (request.method === "QUERY") response.writeHead(501, { "content-type": "text/html; charset=UTF-8" });
    response.end(request.method === "QUERY" ? page : JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const wanted = ["register", "look-up-query-method", "look-up-query-needs-type"];
  return runCheck({
    surroundings: {
      url,
      secret: "river-candle-orbit-maple",
      profile: "full",
      patienceMilliseconds: 5000,
      exchange: httpExchange,
    },
    stages: loadStages()
      .map((stage) => ({ ...stage, cases: stage.cases.filter(({ id }) => wanted.includes(id)) }))
      .filter(({ cases }) => cases.length > 0),
    all: true,
  });
}

test("what PHP's built-in server refuses by itself is not a failure, and every report says why", async (t) => {
  const report = await checked(t, PAGE_OF_PHP);
  const text = await reportText(report, { folder: undefined });
  const why = "PHP's built-in server (php -S) answers QUERY itself, with a 501, and does not run your program.";
  assert.match(text, /✓.* 1 register +1 of 1 passed\n/);
  assert.match(text, /✓.* 2 look up +0 of 2 passed, 2 cannot be asked\n/);
  const ids = "look-up-query-method, look-up-query-needs-type";
  assert.ok(text.includes(`\nCannot be asked of your server, and does not count: ${ids}\n  ${why}\n`), text);
  assert.match(text, /The one check passed\./);
  const json = reportJson(report) as { failed: number; cannotBeAsked: { id: string; why: string }[] };
  assert.equal(json.failed, 0);
  assert.deepEqual(
    json.cannotBeAsked.map((each) => [each.id, each.why]),
    ids.split(", ").map((id) => [id, why]),
  );
  const junit = reportJunit([report]);
  assert.match(junit, /tests="3" failures="0" skipped="2"/);
  assert.match(junit, /<skipped message="PHP's built-in server \(php -S\) answers QUERY itself/);
});

test("a 501 of the learner's own program is a failure", async (t) => {
  for (const page of ["", "<h1>Not Implemented</h1>", '{"status":501,"detail":"Request method not supported."}']) {
    const report = reportJson(await checked(t, page)) as { failed: number; cannotBeAsked: object[] };
    assert.equal(report.failed, 2, page);
    assert.deepEqual(report.cannotBeAsked, []);
  }
});
