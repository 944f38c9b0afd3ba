import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reply, SentRequest } from "../exchange/exchange.ts";
import { NOT_JSON } from "../match/expectation.ts";
import { adviceFor } from "./advice.ts";

const request: SentRequest = { url: "http://127.0.0.1:8000/api/v1/register", method: "GET", headers: {}, body: "{}" };

function came(status: number, text = ""): Reply {
  return { status, headers: {}, text, milliseconds: 1 };
}

test("adviceFor() names the usual cause of each kind of wrong reply", () => {
  const failure = { mistakes: [], before: [], request, wanted: [200] };
  const post = { ...request, method: "POST" };
  const cases: [advice: RegExp, given: Parameters<typeof adviceFor>[0]][] = [
    [/read the body of a GET/, { ...failure, reply: came(400) }],
    [/^Your server refuses the class secret/, { ...failure, request: post, reply: came(403) }],
    [/^Does your server have GET \/api\/v1\/register\?/, { ...failure, reply: came(404) }],
    [/^Your server does not accept GET at/, { ...failure, reply: came(501) }],
    [/An error happened inside your server/, { ...failure, reply: came(500) }],
    [/json\.dumps/, { ...failure, mistakes: [NOT_JSON], reply: came(200, "{'userId': 1}") }],
    [/Content-Length/, { ...failure, noReply: "too late" }],
    [/This request has none/, { ...failure, request: { ...request, body: undefined }, noReply: "too late" }],
    [/send_response/, { ...failure, noReply: "unreadable" }],
  ];
  for (const [advice, given] of cases) assert.match(adviceFor(given) ?? "", advice);
  assert.equal(adviceFor({ ...failure, reply: came(200, '{"userId":2}') }), undefined);
  assert.equal(
    adviceFor({ ...failure, reply: came(403) }),
    undefined,
    "about a wrong token, the case's hint says more",
  );
});
