/**
 * What the report advises, and where it must say nothing because it cannot know.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reply, SentRequest } from "../exchange/exchange.ts";
import type { KnownBefore } from "../exchange/witness.ts";
import { NOT_JSON } from "../match/expectation.ts";
import { adviceFor, whatToDo } from "./advice.ts";

const request: SentRequest = { url: "http://127.0.0.1:8000/api/v1/register", method: "GET", headers: {}, body: "{}" };
const known: KnownBefore = {
  knowsAddress: false,
  readsSuchRequests: false,
  readsBodyOfGet: false,
  takesSecret: false,
  hasSecret: false,
};
const failure = { mistakes: [], before: [], request, wanted: [200], known };
const post = { ...request, method: "POST" };
const registering = { ...failure, request: post, known: { ...known, hasSecret: true } };
type Given = Parameters<typeof adviceFor>[0];

function came(status: number, text = ""): Reply {
  return { status, headers: {}, text, milliseconds: 1 };
}

test("adviceFor() names the usual cause of each kind of wrong reply", () => {
  const cases: [advice: RegExp, given: Given][] = [
    [/no GET with a body has got a 200\. Does your server read the body of a GET/, { ...failure, reply: came(400) }],
    [/^Your server refuses the class secret/, { ...registering, reply: came(403) }],
    [/this body has the secret/, { ...registering, reply: came(401) }],
    [/answered GET \/api\/v1\/register only with 404, 405 or 501\./, { ...failure, reply: came(404) }],
    [/answered GET \/api\/v1\/register only with 404, 405 or 501\./, { ...failure, reply: came(501) }],
    [
      /no do_QUERY\. Write do_QUERY = do_GET into it/,
      {
        ...failure,
        request: { ...request, method: "QUERY" },
        reply: came(501, "<p>Message: Unsupported method ('QUERY').</p>"),
      },
    ],
    [
      /no do_PATCH\. Write a method do_PATCH into it/,
      {
        ...failure,
        request: { ...request, method: "PATCH" },
        reply: came(501, "<p>Message: Unsupported method ('PATCH').</p>"),
      },
    ],
    [/An error happened inside your server/, { ...failure, reply: came(500) }],
    [/json\.dumps/, { ...failure, mistakes: [`${NOT_JSON}it begins with x`], reply: came(200, "{'userId': 1}") }],
    [
      /^This reply is not JSON at all\. Perhaps it is the one of another address/,
      { ...failure, mistakes: [`${NOT_JSON}it begins with G (U+0047)`], reply: came(200, "Good morning") },
    ],
    [/json\.dumps/, { ...failure, mistakes: [`${NOT_JSON}it begins with B`], reply: came(400, "Bad handle") }],
    [/without a BOM/, { ...failure, mistakes: [`${NOT_JSON}it begins with U+FEFF`], reply: came(200, "\ufeff{}") }],
    [/Content-Length/, { ...failure, noReply: "too late" }],
    [/This request has none/, { ...failure, request: { ...request, body: undefined }, noReply: "too late" }],
    [/send_response/, { ...failure, noReply: "unreadable" }],
    [
      /^Find out why your server ended/,
      { ...failure, noReply: "other", process: { isRunning: false, exitCode: 1, lastLines: [], isListening: false } },
    ],
  ];
  for (const [advice, given] of cases) assert.match(adviceFor(given) ?? "", advice);
});

test("adviceFor() says nothing where it cannot know", () => {
  const cases: [why: string, given: Given][] = [
    ["the status is right", { ...failure, reply: came(200, '{"userId":2}') }],
    ["about a wrong token, the hint says more", { ...failure, reply: came(403) }],
    [
      "the class secret was right before",
      { ...registering, known: { ...registering.known, takesSecret: true }, reply: came(403) },
    ],
    [
      "the class secret was right before, and a 401 came",
      { ...registering, known: { ...registering.known, takesSecret: true }, reply: came(401) },
    ],
    ["the request has a wrong secret on purpose", { ...failure, request: post, reply: came(403) }],
    ["the request must be refused, but in another way", { ...registering, wanted: [400], reply: came(403) }],
    ["the address worked before", { ...failure, known: { ...known, knowsAddress: true }, reply: came(404) }],
    ["the method worked before", { ...failure, known: { ...known, knowsAddress: true }, reply: came(405) }],
    ["the method is wrong on purpose", { ...failure, wanted: [405], reply: came(404) }],
    ["the address is wrong on purpose", { ...failure, wanted: [404], reply: came(405) }],
    ["GETs with a body worked before", { ...failure, known: { ...known, readsBodyOfGet: true }, reply: came(400) }],
    [
      "such requests were read before",
      { ...failure, known: { ...known, readsSuchRequests: true }, noReply: "too late" },
    ],
    ["the body is empty, which is no wrong JSON", { ...failure, mistakes: ["the body is empty"], reply: came(200) }],
    ["nothing is known", { ...failure, known: undefined, reply: came(404) } as unknown as Given],
  ];
  for (const [why, given] of cases) assert.equal(adviceFor(given), undefined, why);
});

test("whatToDo() is the hint of the case, unless the server could not be started again", () => {
  assert.equal(whatToDo("Write it to a file.", failure), "Write it to a file.");
  assert.match(whatToDo("Write it to a file.", { ...failure, notRestarted: "port taken" }), /allow_reuse_address/);
  assert.match(whatToDo("Write it to a file.", { ...failure, notRestarted: "still listening" }), /one process only/);
  assert.match(whatToDo("Write it to a file.", { ...failure, notRestarted: "ended" }), /files that it wrote before/);
});
