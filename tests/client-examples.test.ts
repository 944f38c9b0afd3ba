/**
 * Runs the examples in the client's docstrings and in docs/guides/live.md, each against a new server. They must print
 * what their comments say.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { startApp, TEACHER_KEY } from "../testing/start-app.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const root = join(import.meta.dirname, "..");

interface Example {
  /** The file, and the line below the docstring. */
  name: string;
  code: string;
  /** The lines that it must print. */
  prints: string[];
}

const examples: Example[] = globSync("client/*.ts", { cwd: root })
  .filter((path) => !path.endsWith(".test.ts"))
  .flatMap((path) => {
    const source = readFileSync(join(root, path), "utf8");
    return [...source.matchAll(/ \* @example\n((?: +\* .*\n)+) +\*\/\n\s*(.*)\n/g)].map(([, lines = "", line = ""]) => {
      const code = lines.replace(/^ +\* /gm, "");
      return { name: `${path}: ${line.trim().slice(0, 60)}`, code, prints: printed(code) };
    });
  });

for (const [, code = ""] of readFileSync(join(root, "docs/guides/live.md"), "utf8").matchAll(/```ts\n([\s\S]*?)```/g)) {
  examples.push({ name: "docs/guides/live.md", code, prints: printed(code) });
}

/** @returns what the comments after console.log() promise. */
function printed(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, text = ""]) => text);
}

/** The code before each example: two clients, ada and grace, and the key of the teacher. */
const before = (origin: string, secret: string) => `
import { ChatError } from ${JSON.stringify(join(root, "client/chat-error.ts"))};
import { PlainchatClient } from ${JSON.stringify(join(root, "client/plainchat-client.ts"))};
import { TeacherClient } from ${JSON.stringify(join(root, "client/teacher-client.ts"))};
const teacherKey = ${JSON.stringify(TEACHER_KEY)};
const url = ${JSON.stringify(origin)};
const secret = ${JSON.stringify(secret)};
const ada = new PlainchatClient(url);
await ada.registerUser({ secret, userHandle: "ada" });
const grace = new PlainchatClient(url);
await grace.registerUser({ secret, userHandle: "grace" });
void [ChatError, TeacherClient, teacherKey];
`;

test("every method of the clients has an example", () => {
  const methods = ["plainchat", "teacher"].flatMap((name) => {
    const source = readFileSync(join(root, `client/${name}-client.ts`), "utf8");
    return [...source.matchAll(/^ {2}(?:async )?([a-z]\w+)\(/gm)].map(([, method]) => method);
  });
  assert.ok(methods.length >= 24);
  for (const name of methods.filter((each) => each !== "constructor")) {
    assert.ok(
      examples.some((example) => new RegExp(` (?:async )?${name}\\(`).test(example.name)),
      name,
    );
  }
});

for (const { name, code, prints } of examples) {
  test(`the example runs: ${name}`, async (t) => {
    const app = await startApp(t, { isClass: true });
    const file = join(await temporaryFolder(t), "example.ts");
    await writeFile(file, before(app.origin, app.secret) + code);
    assert.ok(prints.length > 0, "it prints something");
    const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 20_000 });
    assert.deepEqual(stdout.trim().split("\n"), prints);
  });
}
