/**
 * Checks every reply, however strange the request was. It must have a documented status, never a 500. A refusal must be
 * a readable problem. And the reply must reveal nothing about the machine.
 */
import assert from "node:assert/strict";
import { PROBLEM_TYPES } from "../../server/http/reply/problem-types.ts";
import type { RawReply } from "./reply-reader.ts";

const KNOWN = new Set([200, 304, ...PROBLEM_TYPES.map(({ status }) => status).filter((status) => status !== 500)]);
const REPOSITORY = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const STACK = /\n\s+at |node_modules|node:internal|\.ts:\d/;

/** @param hidden the data folder, which no reply may ever show. */
export function checkReply(
  { status, head, body }: RawReply,
  { method, hidden }: { method: string; hidden: string },
): void {
  assert.ok(KNOWN.has(status), `answered ${status}`);
  assert.ok(!body.includes(hidden) && !body.includes(REPOSITORY), `a reply of ${status} shows a path of this machine`);
  if (status < 400) return;
  const text = body.toString();
  assert.ok(!STACK.test(text), `a reply of ${status} shows the server's code: ${text.slice(0, 300)}`);
  if (method === "HEAD") return;
  if (!/\r\ncontent-type: application\/problem\+json/i.test(head)) {
    // The only refusal without a body, and the one of /readyz.
    assert.ok(body.length === 0 || status === 503, `a reply of ${status} is not a problem: ${text.slice(0, 300)}`);
    return;
  }
  const problem = JSON.parse(text);
  assert.equal(problem.status, status);
  for (const field of ["type", "title", "detail"]) assert.equal(typeof problem[field], "string", `${field} of ${text}`);
}
