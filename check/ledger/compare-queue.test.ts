/**
 * Tests the comparison of a queue with what was sent: each kind of loss or mix-up has its own sentence, and what got no
 * reply may be there or not.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mistakesInQueue, type Stored } from "./compare-queue.ts";
import { Ledger, mistakesInIds } from "./ledger.ts";

const ADA = { userId: 1, userHandle: "ada" };
const GRACE = { userId: 2, userHandle: "grace" };
const AT = "2030-01-02T12:00:00.000Z";
const LATER = "2030-01-02T12:00:01.000Z";

/** Notes a request, and its reply if it got one. */
function note(ledger: Ledger, method: string, body: object, answer?: object, key?: string, status = 200) {
  const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
  const url = "http://127.0.0.1:8000/api/v1/chat";
  const begun = ledger.begins({ url, method, headers, body: JSON.stringify(body) });
  ledger.ends(begun, answer && { status, headers: {}, text: JSON.stringify(answer), milliseconds: 1 });
}

function send(ledger: Ledger, message: string, messageId?: number, key?: string) {
  const answer = messageId === undefined ? undefined : { userId: 2, messageId, sentAt: AT };
  note(ledger, "POST", { myId: 1, myAuth: "t", userHandle: "grace", message }, answer, key);
}

function stored(messageId: number, message: string, more: Stored = {}): Stored {
  const handles = { fromId: 1, fromHandle: "ada", toId: 2, toHandle: "grace" };
  return { messageId, ...handles, message, sentAt: AT, ...more };
}

const compare = (ledger: Ledger, ...queue: Stored[]) => mistakesInQueue(queue, GRACE, [ADA, GRACE], ledger);

test("messages that got a 200 must be there, once, whole, with their sender, id and time", () => {
  const ledger = new Ledger();
  send(ledger, "one and more", 1);
  send(ledger, "two", 2);
  const [one, two] = [stored(1, "one and more"), stored(2, "two")];
  assert.deepEqual(compare(ledger, one, two), []);
  const cases: [queue: Stored[], sentence: string][] = [
    [[one], '1 of 2 messages that got a 200 is missing, for example message 2, "two"'],
    [[], '2 of 2 messages that got a 200 are missing, for example message 1, "one and more"'],
    [[one, two, stored(2, "two")], "the queue has the message 2 twice"],
    [[one, two, stored(3, "two")], '"two" is there with the id 3, but the reply to its sender said 2'],
    [[stored(1, "one"), two], "message 1 is not whole: 3 of its 12 characters are there"],
    [[stored(1, "two"), two], 'the text of message 1 should be "one and more", but it is "two"'],
    [[one, stored(2, "two", { fromId: 2 })], "`fromId` of message 2 should be 1, but it is 2"],
    [[one, stored(2, "two", { toHandle: "ada" })], "`toHandle` of message 2 should be grace, but it is ada"],
    [
      [one, stored(2, "two", { sentAt: LATER })],
      `\`sentAt\` of message 2 should be ${AT} as in the reply, but it is ${LATER}`,
    ],
    [[one, stored(2, "two", { editedAt: LATER })], "`editedAt` of message 2 should be absent"],
    [[one, two, stored(3, "three")], 'message 3 is "three", but nobody sent that to this user'],
    [[two, one], "the queue has message 1 after message 2"],
  ];
  for (const [queue, sentence] of cases) assert.equal(compare(ledger, ...queue)[0], sentence);
  const sameTime = stored(2, "two", { sentAt: "2030-01-02T12:00:00.000000+00:00" });
  assert.deepEqual(compare(ledger, one, sameTime), [], "the same moment in other letters");
});

test("a message without a reply is there once, or not at all, but never half", () => {
  const ledger = new Ledger();
  send(ledger, "one", 1);
  send(ledger, "maybe");
  assert.deepEqual(compare(ledger, stored(1, "one")), []);
  assert.deepEqual(compare(ledger, stored(1, "one"), stored(2, "maybe")), []);
  assert.deepEqual(compare(ledger, stored(1, "one"), stored(2, "maybe"), stored(3, "maybe")), [
    '"maybe" was sent once, but it is there twice',
  ]);
  assert.deepEqual(compare(ledger, stored(1, "one"), stored(2, "may")), [
    "message 2 is not whole: 3 of its 5 characters are there",
  ]);
});

test("a request with the same key makes one message, until that is removed", () => {
  const ledger = new Ledger();
  send(ledger, "once", undefined, "key");
  send(ledger, "once", 1, "key");
  assert.deepEqual(compare(ledger, stored(1, "once")), []);
  assert.deepEqual(compare(ledger, stored(1, "once"), stored(2, "once")), [
    '"once" is there with the id 2, but the reply to its sender said 1',
  ]);
  send(ledger, "once", 2, "key");
  assert.equal(
    compare(ledger, stored(1, "once"))[0],
    '"once" was sent again with its Idempotency-Key and got the id 2, but first it was 1',
  );
  const other = new Ledger();
  send(other, "once", 1, "key");
  note(other, "DELETE", { messageId: 1 }, { messageId: 1 });
  send(other, "again", 2, "key");
  assert.deepEqual(compare(other, stored(2, "again")), []);
});

test("of edits at the same time any may be last, but none that ended before an answered one began", () => {
  const ledger = new Ledger();
  send(ledger, "old", 1);
  assert.deepEqual(compare(ledger, stored(1, "old")), []);
  note(ledger, "PATCH", { messageId: 1, message: "lost" });
  assert.deepEqual(compare(ledger, stored(1, "old")), []);
  assert.deepEqual(compare(ledger, stored(1, "lost", { editedAt: LATER })), []);
  note(ledger, "PATCH", { messageId: 1, message: "new" }, { messageId: 1, editedAt: LATER });
  assert.deepEqual(compare(ledger, stored(1, "new", { editedAt: LATER })), []);
  assert.match(compare(ledger, stored(1, "lost", { editedAt: LATER }))[0] ?? "", /should be "new", but it is "lost"/);
  assert.match(compare(ledger, stored(1, "new", { editedAt: AT }))[0] ?? "", /as in the reply to the edit/);
  note(ledger, "PATCH", { messageId: 1, message: "refused" }, { status: 404 }, undefined, 404);
  assert.match(compare(ledger, stored(1, "refused", { editedAt: LATER }))[0] ?? "", /should be "new"/);
});

test("a removal with a 200 has happened, and one without a reply may have happened", () => {
  const ledger = new Ledger();
  send(ledger, "one", 1);
  send(ledger, "two", 2);
  note(ledger, "DELETE", { messageId: 1 }, { messageId: 1 });
  note(ledger, "DELETE", { messageId: 2 });
  assert.deepEqual(compare(ledger), []);
  assert.deepEqual(compare(ledger, stored(2, "two")), []);
  assert.deepEqual(compare(ledger, stored(1, "one"), stored(2, "two")), [
    "message 1 was removed, and the reply was a 200, but it is still there",
  ]);
});

test("an id that was answered before a request was sent is smaller than the request's, and no id comes twice", () => {
  assert.deepEqual(
    mistakesInIds(
      [
        { id: 9, begin: 1, end: 4 },
        { id: 8, begin: 2, end: 3 },
      ],
      "user",
    ),
    [],
  );
  assert.deepEqual(
    mistakesInIds(
      [
        { id: 9, begin: 1, end: 2 },
        { id: 8, begin: 3, end: 4 },
      ],
      "user",
    ),
    ["a user got the id 8, but an earlier one had the id 9 already"],
  );
  assert.deepEqual(
    mistakesInIds(
      [
        { id: 9, begin: 1, end: 4 },
        { id: 9, begin: 2, end: 3 },
      ],
      "message",
    ),
    ["two messages got the same id, 9"],
  );
});
