/**
 * What every reply must be, however mad the request was: a status that the documents know, never a 500, a problem that
 * can be read, and nothing of the machine that the server runs on.
 */
import assert from "node:assert/strict";
import { PROBLEM_TYPES } from "../../server/http/reply/problem-types.ts";
import type { RawReply } from "./reply-reader.ts";

const KNOWN = new Set([200, 304, ...PROBLEM_TYPES.map(({ status }) => status).filter((status) => status !== 500)]);
const REPOSITORY = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const STACK = /\n\s+at |node_modules|node:internal|\.ts:\d/;

/** @param hidden what no reply may ever show: the data folder. */
export function checkReply(
  { status, head, body }: RawReply,
  { method, hidden }: { method: string; hidden: string },
): void {
  assert.ok(KNOWN.has(status), `answered ${status}`);
  assert.ok(!body.includes(hidden) && !body.includes(REPOSITORY), `a reply of ${status} shows a path of this machine`);
  if (status < 400) return;
  const text = body.toString();
  assert.ok(!STACK.test(text), `a reply of ${status} shows what the server is made of: ${text.slice(0, 300)}`);
  if (method === "HEAD") return;
  if (!/\r\ncontent-type: application\/problem\+json/i.test(head)) {
    // The one refusal without a body, and /readyz.
    assert.ok(body.length === 0 || status === 503, `a reply of ${status} is no problem: ${text.slice(0, 300)}`);
    return;
  }
  const problem = JSON.parse(text);
  assert.equal(problem.status, status);
  for (const field of ["type", "title", "detail"]) assert.equal(typeof problem[field], "string", `${field} of ${text}`);
}
