import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { atEnd } from "../../testing/at-end.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { curlLine } from "./curl-line.ts";

test("curlLine() repeats the request exactly, and nothing that a server chose runs in the shell", async (t) => {
  let came: { url: string | undefined; header: string | undefined; body: string } | undefined;
  const server = createServer(async (request, response) => {
    came = { url: request.url, header: String(request.headers["last-event-id"]), body: await text(request) };
    response.end("ok");
  }).listen(0, "127.0.0.1");
  atEnd(t, () => server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const folder = await temporaryFolder(t);
  const body = '{"message":"it\'s \\"quoted\\", $HOME, `id` and %PATH%!"}';
  for (const header of ["17-3", "`exit 3`", '"; exit 3; "', "$(exit 3)", "100% !!"]) {
    const url = `http://127.0.0.1:${port}/api/v1/chat?after=1&limit=2`;
    const line = await curlLine({ url, method: "GET", headers: { "last-event-id": header }, body }, folder, "body");
    await runInShell(`${line} -s`);
    assert.deepEqual(came, { url: "/api/v1/chat?after=1&limit=2", header, body });
    assert.doesNotMatch(line, /[`$!%]/);
  }
});

test("curlLine() does not wait for the body of a reply to HEAD", async (t) => {
  const folder = await temporaryFolder(t);
  const head = { url: "http://127.0.0.1:8080/", method: "HEAD", headers: {} };
  assert.equal(
    (await curlLine({ ...head, body: undefined }, folder, "none")).replace("curl.exe", "curl"),
    'curl -i --head "http://127.0.0.1:8080/"',
  );
  const headers = { "content-type": "application/json" };
  const withBody = await curlLine({ ...head, headers, body: "{}" }, folder, "body");
  assert.match(withBody, / -X HEAD -m 5 -H "content-type: application\/json" --data-binary "@/);
});

test("curlLine() sends no Content-Type of its own with a body", async (t) => {
  const request = { url: "http://127.0.0.1:8080/", method: "POST", headers: {}, body: "{}" };
  const line = await curlLine(request, await temporaryFolder(t), "body");
  assert.match(line, / -X POST -H "content-type:" --data-binary "@/);
});

function runInShell(line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile("sh", ["-c", line], (error) => (error === null ? resolve() : reject(error)));
  });
}
