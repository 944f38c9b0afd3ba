/**
 * The end of a reply must be right to the byte, however the reply is cut into pieces. Otherwise a connection hangs, or
 * sends its next request too early.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal, lengthOfReply } from "./replies.ts";

const replies = [
  'HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: application/json\r\n\r\n{"userId": 1}',
  "$15\r\n1526919030474-0\r\n",
  "*2\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\na\r\n$0\r\n\r\n*2\r\n$3\r\n2-0\r\n*-1\r\n",
  ":12\r\n",
  "$-1\r\n",
];

test("lengthOfReply() finds the end of an HTTP or RESP reply, and says when the reply is not complete", () => {
  for (const reply of replies) {
    const more = Buffer.from(`${reply}${reply}`);
    assert.equal(lengthOfReply(more), reply.length, reply);
    for (let cut = 1; cut < reply.length; cut++) {
      const length = lengthOfReply(more.subarray(0, cut));
      assert.ok(length === -1 || length === reply.length, `${reply} cut at ${cut}`);
    }
  }
});

test("lengthOfReply() trusts the length of the previous reply for RESP, but not for HTTP, which gives its length", () => {
  const [http = "", redis = ""] = replies;
  assert.equal(lengthOfReply(Buffer.from(redis), redis.length), redis.length);
  assert.equal(lengthOfReply(Buffer.from(redis.slice(0, -1)), redis.length), -1);
  assert.equal(lengthOfReply(Buffer.from(http), 20), http.length);
});

test("isRefusal() accepts 200 and 201, and refuses other statuses and errors of Redis", () => {
  assert.ok(!isRefusal(Buffer.from("HTTP/1.1 201 Created\r\n\r\n")));
  assert.ok(isRefusal(Buffer.from("HTTP/1.1 404 Not Found\r\n\r\n")));
  assert.ok(isRefusal(Buffer.from("-ERR unknown command\r\n")));
  assert.ok(!isRefusal(Buffer.from("$-1\r\n")));
});
