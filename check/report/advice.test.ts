import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reply, SentRequest } from "../exchange/exchange.ts";
import { NOT_JSON } from "../match/expectation.ts";
import { adviceFor } from "./advice.ts";

const request: SentRequest = { url: "http://127.0.0.1:8000/api/v1/register", method: "GET", headers: {}, body: "{}" };

function came(status: number, text = ""): Reply {
  return { status, headers: {}, text, milliseconds: 1 };
}

test("adviceFor() says what usually went wrong where such a thing comes", () => {
  const failure = { mistakes: [], before: [], request, wanted: [200] };
  const post = { ...request, method: "POST" };
  const cases: [advice: RegExp, given: Parameters<typeof adviceFor>[0]][] = [
    [/read the body of a GET/, { ...failure, reply: came(400) }],
    [/^Your server refuses the class secret/, { ...failure, request: post, reply: came(403) }],
    [/^Does your server have GET \/api\/v1\/register\?/, { ...failure, reply: came(404) }],
    [/^Your server does not take GET at/, { ...failure, reply: came(501) }],
    [/failed inside/, { ...failure, reply: came(500) }],
    [/json\.dumps/, { ...failure, mistakes: [NOT_JSON], reply: came(200, "{'userId': 1}") }],
    [/Content-Length/, { ...failure, noReply: "too late" }],
    [/None comes with this request/, { ...failure, request: { ...request, body: undefined }, noReply: "too late" }],
    [/send_response/, { ...failure, noReply: "unreadable" }],
  ];
  for (const [advice, given] of cases) assert.match(adviceFor(given) ?? "", advice);
  assert.equal(adviceFor({ ...failure, reply: came(200, '{"userId":2}') }), undefined);
  assert.equal(adviceFor({ ...failure, reply: came(403) }), undefined, "of a token, the hint of the case says more");
});
