/**
 * Tests the vectors against programs that answer rightly, wrongly, or not at all. Each ends in time, and gets a sentence.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import vectors from "../../course/lessons/08-text-is-not-bytes/vectors.json" with { type: "json" };
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { vectorsCase } from "./vectors-case.ts";
import { vectorsCommand } from "./vectors-command.ts";

/** Answers everything rightly, if nobody changes it. */
const RIGHT = `import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const { text } = JSON.parse(line);
  const vector = known.get(text);
  console.log(JSON.stringify(vector));
}
`;
const KNOWN = `import { readFileSync } from "node:fs";
const all = JSON.parse(readFileSync(process.env.VECTORS, "utf8"));
const known = new Map(all.map(({ text, ...answer }) => [text, answer]));
`;

async function ask(t: TestContext, code: string, command = `"${process.execPath}" program.mjs --vectors`) {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "program.mjs"), code);
  const environment = { VECTORS: join(import.meta.dirname, "../../course/lessons/08-text-is-not-bytes/vectors.json") };
  const times = { firstLineMilliseconds: 3000, nextLineMilliseconds: 1000 };
  const { result, more } = await vectorsCase({ command, vectors, folder, environment, ...times });
  return { ...result, more, mistakes: result.failure?.mistakes ?? [], received: result.failure?.received };
}

test("a program that is right about every text passes", async (t) => {
  const { outcome, mistakes } = await ask(t, KNOWN + RIGHT);
  assert.deepEqual([outcome, mistakes], ["passed", []]);
});

test("the first wrong text is shown with its code points, what was expected and what came", async (t) => {
  const counts = RIGHT.replace("JSON.stringify(vector)", "JSON.stringify({ ...vector, codePoints: text.length })");
  const { outcome, failure, mistakes, received, more } = await ask(t, KNOWN + counts);
  assert.equal(outcome, "failed");
  assert.deepEqual(mistakes, ['text 18 of 60 is "😀", U+1F600', "`codePoints` should be 1, but it is 2"]);
  assert.equal(failure?.expected, '{"codePoints":1,"isHandle":false,"isMessage":true,"nfc":"\\ud83d\\ude00"}');
  assert.equal(received, '{"codePoints":2,"isHandle":false,"isMessage":true,"nfc":"😀"}');
  if (process.platform !== "win32")
    assert.match(more[1] ?? "", /^ {2}printf '%s\\n' '\{"text":"\\ud83d\\ude00"\}' \| /);
});

test("a text that nobody sees is shown as JSON writes it", async (t) => {
  const blind = RIGHT.replace("known.get(text)", "known.get(text.replace('\\u200b', ''))");
  const { mistakes } = await ask(t, KNOWN + blind);
  assert.deepEqual(mistakes, [
    'text 38 of 60 is "ada\\u200b", U+0061 U+0064 U+0061 U+200B',
    "`codePoints` should be 4, but it is 3",
    "`isHandle` should be false, but it is true",
    '`nfc` should be "ada\\u200b", but it is "ada"',
  ]);
});

for (const [what, code, sentence, received] of [
  ["prints nothing", "setInterval(() => {}, 1000);", /^for 3 seconds, no line came$/, /^nothing$/],
  ["ends with an error", "process.stdin.destroy(); null.x;", /^your server ended with exit code 1 /, /TypeError/],
  ["starts to listen", 'console.log("listens at NaN"); setInterval(() => {}, 1000);', /^the line is not JSON$/, /NaN/],
  [
    "prints without end",
    'const x = () => process.stdout.write("x".repeat(65536), x); x();',
    /more than 2 MiB/,
    /^x{300}…$/,
  ],
  ["prints lines without end", 'for (;;) console.log("{}");', /`codePoints` is missing/, /^\{\}$/],
  ["stops in the middle", "", /^for 1 seconds, no line came$/, /"nfc":"한글말"/],
  ["does not end", "", /^all answers are right, but 3 seconds after the end of its input/, /./],
  ["ends with a failure", "", /^all answers are right, but then your server ended with exit code 7$/, /./],
  ["says more", "", /^all texts were answered, and then one more line came$/, /^bye$/],
] as const) {
  test(`a program that ${what} gets a sentence, and is ended`, async (t) => {
    const ends: Record<string, string> = {
      "stops in the middle": RIGHT.replace(
        "console.log",
        "if (text.startsWith('😀')) await new Promise(() => setInterval(() => {}, 9)); console.log",
      ),
      "does not end": `${RIGHT}setInterval(() => {}, 1000);`,
      "ends with a failure": `${RIGHT}process.exitCode = 7;`,
      "says more": `${RIGHT}console.log("bye");`,
    };
    const began = performance.now();
    const result = await ask(t, code === "" ? KNOWN + ends[what] : code);
    assert.equal(result.outcome, "failed");
    assert.ok(
      result.mistakes.some((each) => sentence.test(each)),
      result.mistakes.join("\n"),
    );
    assert.match(result.received ?? "", received);
    assert.ok(performance.now() - began < 15_000);
  });
}

test("all that the program has started is ended with it", { skip: process.platform === "win32" }, async (t) => {
  const folder = await temporaryFolder(t);
  const pid = join(folder, "pid");
  await ask(t, "", `sh -c 'sleep 100 & echo $! > "${pid}"; sleep 100'`);
  const child = Number(await readFile(pid, "utf8"));
  const isRunning = () => {
    try {
      return process.kill(child, 0);
    } catch {
      return false;
    }
  };
  for (let i = 0; i < 100 && isRunning(); i++) await setTimeout(20);
  assert.equal(isRunning(), false);
});

test("the command has --vectors in the place of the port and the folder", () => {
  for (const [start, command] of [
    ["python3 server.py {port} {folder}", "python3 server.py --vectors"],
    ["go run server.go {port} {folder}", "go run server.go --vectors"],
    ["java Server.java {port} {folder}", "java Server.java --vectors"],
    ['"C:\\My  Python\\py.exe" server.py {port} "{folder}"', '"C:\\My  Python\\py.exe" server.py --vectors'],
    ["node server.ts --port={port} --folder={folder}", "node server.ts --vectors"],
    ["PORT={port} node server.ts", "node server.ts --vectors"],
    ["./run.sh", "./run.sh --vectors"],
  ] as const) {
    assert.equal(vectorsCommand(start), command);
  }
});
