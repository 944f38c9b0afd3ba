/**
 * docs/spec.md is written for people and read by a program. If an edit breaks its form, these errors say where and what
 * is expected.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openApiDocument } from "./openapi.ts";
import { readSpecification } from "./specification.ts";

const source = readFileSync(new URL("../../../../docs/spec.md", import.meta.url), "utf8");

/** Edits the document, and returns what making an OpenAPI document of it says then. */
function errorAfter(from: string | RegExp, to: string): string {
  const edited = source.replace(from, to);
  assert.notEqual(edited, source, `docs/spec.md has no ${from}`);
  try {
    openApiDocument(readSpecification(edited));
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
  return "no error";
}

test("docs/spec.md is as regular as the reader needs it", () => {
  assert.doesNotThrow(() => openApiDocument(readSpecification(source)));
});

test("docs/spec.md may have the line ends of Windows", () => {
  assert.deepEqual(readSpecification(source.replaceAll("\n", "\r\n")), readSpecification(source));
});

test("readSpecification() reads a call with its inputs, reply and example", () => {
  const call = readSpecification(source).calls.get("GET /api/v1/users");
  assert.equal(call?.title, "list the users");
  assert.match(call?.example ?? "", /^curl -u/);
  assert.deepEqual(call?.inputs.at(-1), {
    name: "limit",
    isHeader: false,
    type: "integer",
    limits: "1-200",
    required: "no (default 50)",
    meaning: "the largest number of users to return",
  });
  assert.equal(call?.reply.type, "application/json");
});

test("the error names the call in which a part is missing", () => {
  assert.equal(
    errorAfter("**Purpose.** Puts a message", "Puts a message"),
    "docs/spec.md, ## `POST /api/v1/chat`: publish a message: expected **Purpose.** and a paragraph, " +
      "found: Puts a message into the recipient's queue.",
  );
  assert.match(errorAfter("```sh\ncurl -N", "```\ncurl -N"), /chat\/stream.*expected an example for curl.*found: ```$/);
  assert.match(
    errorAfter("**Operation**\n\n- `chat.patch", "- `chat.patch"),
    /PATCH \/api\/v1\/chat.*an \*\*Operation\*\*/,
  );
  assert.match(errorAfter("**Reply** (200): one page of users.", ""), /GET \/api\/v1\/users.*expected a \*\*Reply\*\*/);
});

test("the error names a row whose limits or columns are not understood", () => {
  assert.equal(
    errorAfter("| 0-60 (seconds) |", "| up to a minute |"),
    "docs/spec.md, `wait`: expected a type and limits in a known form, found: integer, up to a minute",
  );
  assert.match(
    errorAfter("| `limit` | integer", "| limit | integer"),
    /users.*expected a row with a name in backquotes/,
  );
});

test("the error names a field that has other limits in another call", () => {
  assert.equal(
    errorAfter("| 3-64 characters | yes | the recipient |", "| 3-65 characters | yes | the recipient |"),
    "docs/spec.md, `userHandle`: expected what it is elsewhere, string, 3-64 characters, " +
      "found: string, 3-65 characters",
  );
});

test("the error names a call that the server has and the document has not, or the other way round", () => {
  assert.match(errorAfter("## `GET /api/v1/users`", "## `GET /api/v1/user`"), /a section about `GET \/api\/v1\/users`/);
  assert.match(errorAfter("### `GET /healthz`", "### `GET /health`"), /a section about `GET \/healthz`/);
  const twice = source.slice(source.indexOf("### `GET /healthz`"), source.indexOf("### `GET /readyz`"));
  assert.match(
    errorAfter("### `GET /readyz`", `${twice.replace("/healthz", "/healthy")}### \`GET /readyz\``),
    /only calls that the server has, found: GET \/healthy/,
  );
});
