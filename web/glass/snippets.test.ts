/**
 * The snippets that the glass offers really run: the tests pass them to a shell, to Node and to Python, and the server
 * gets the same request that the page sent.
 */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { startApp } from "../../testing/start-app.ts";
import { SNIPPET_LANGUAGES, type SnippetLanguage, snippet } from "./snippets.ts";

const PROGRAMS: Record<SnippetLanguage, [program: string, ...args: string[]]> = {
  curl: ["sh", "-c"],
  fetch: [process.execPath, "--input-type=module", "-e"],
  Python: ["python3", "-c"],
};

/** Characters that could end a quotation, or that mean something inside one. */
const HOSTILE = `it's "quoted" \\ $HOME \`id\` $(id) %s \u2028 \ud83d\ude00 é\n# second line; rm -rf . \t <b>`;

for (const language of SNIPPET_LANGUAGES) {
  const [program, ...args] = PROGRAMS[language];
  const isThere = spawnSync(program, ["--version"]).error === undefined;
  test(`a snippet for ${language} sends what the page sent`, {
    skip: isThere ? false : `${program} is not installed`,
  }, async (t) => {
    const app = await startApp(t);
    const ada = await app.register("ada");
    const grace = await app.register("it's grace");
    const credentials = { myId: ada.userId, myAuth: ada.authToken };
    const run = async (request: {
      method: string;
      path: string;
      query?: string;
      body?: string;
      hasCredentials?: boolean;
    }) => {
      const text = snippet(
        language,
        app.origin,
        { query: "", body: undefined, hasCredentials: true, ...request },
        credentials,
      );
      return (await promisify(execFile)(program, [...args, text], { timeout: 20_000 })).stdout;
    };
    const body = JSON.stringify({ userHandle: grace.userHandle, message: HOSTILE });
    const sent = await run({ method: "POST", path: "/api/v1/chat", body });
    const [, messageId] = /"messageId":(\d+)/.exec(sent) ?? assert.fail(sent);
    const queue = await app.send({ path: "/api/v1/chat", user: grace.user });
    assert.equal(queue.json.messages[0]?.message, HOSTILE);

    const found = await run({ method: "GET", path: "/api/v1/register", query: "?userHandle=it%27s+grace" });
    assert.match(found, new RegExp(`"userId":${grace.userId}`));
    const edit = JSON.stringify({ messageId: Number(messageId), message: "edited" });
    assert.match(await run({ method: "PATCH", path: "/api/v1/chat", body: edit }), /"editedAt"/);
    const refused = await run({ method: "PATCH", path: "/api/v1/chat", body: "{}" });
    assert.match(refused, /chat\.patch\.1\.6/, "the reply of a refused request is shown, not only an error");
    const secret = JSON.stringify({ secret: app.secret, userHandle: `by-${language}` });
    assert.match(
      await run({ method: "POST", path: "/api/v1/register", body: secret, hasCredentials: false }),
      /"userId":3/,
    );
    assert.match(await run({ method: "DELETE", path: "/api/v1/register" }), new RegExp(`"userId":${ada.userId}`));
  });

  test(`a snippet for ${language} on the screen contains neither the token nor the secret`, () => {
    const body = JSON.stringify({ secret: 'a "secret" of the class', userHandle: "ada" });
    const request = { method: "POST", path: "/api/v1/register", query: "", body, hasCredentials: true };
    const text = snippet(language, "http://127.0.0.1:8080", request);
    assert.ok(!text.includes("of the class"), text);
    assert.match(text, /CLASS_SECRET/);
    assert.match(text, /MY_ID:MY_AUTH/);
  });
}
