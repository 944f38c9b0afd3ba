/**
 * Messages on their way into and out of the terminal program: what is not UTF-8, lines that end as on Windows, texts that
 * look like options, and results that cannot be written.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { EXIT } from "../cli/cli-error.ts";
import { atEnd } from "../testing/at-end.ts";
import { type Machine, serverAndMachine } from "../testing/machine.ts";

const MAIN = join(import.meta.dirname, "..", "cli/main.ts");

async function withAda(t: Parameters<typeof serverAndMachine>[0]) {
  const { server, here, root } = await serverAndMachine(t);
  await here.json("register", "ada", "--secret", server.secret);
  const texts = async () =>
    ((await here.json("inbox")) as { messages: { message: string }[] }).messages.map(({ message }) => message);
  return { server, here, root, texts };
}

test("a message that is not UTF-8 is refused, with the place of the mistake and a way out", async (t) => {
  const { here, texts } = await withAda(t);
  const cases: [string, Buffer, RegExp][] = [
    ["Latin-1", Buffer.from("Grüße, né", "latin1"), /byte 0xfc at offset 2\. .*iconv -f latin1 -t utf-8 FILE$/],
    ["a cut character", Buffer.from("né").subarray(0, 2), /byte 0xc3 at offset 1\./],
    [
      "after a U+FFFD of its own",
      Buffer.concat([Buffer.from("\ufffd né"), Buffer.from([0x80])]),
      /byte 0x80 at offset 7\./,
    ],
    ["UTF-16", Buffer.from("\ufeffhello", "utf16le"), /byte 0xff at offset 0\. .*iconv -f utf-16 -t utf-8 FILE$/],
    ["the start of a longer character", Buffer.from([0x61, 0xef, 0x41]), /byte 0xef at offset 1\./],
  ];
  for (const [what, bytes, sentence] of cases) {
    const { exitCode, error } = await here.run(["send", "ada"], bytes);
    assert.equal(exitCode, EXIT.usage, what);
    assert.match(error.trimEnd(), sentence, what);
  }
  const piped = await here.run(["chat", "ada"], Buffer.from("fine\nné\n", "latin1"));
  assert.equal(piped.exitCode, EXIT.usage, piped.error);
  assert.match(piped.error, /byte 0xe9 at offset 6\./);
  const file = join(here.environment.INIT_CWD ?? "", "latin1.json");
  await writeFile(file, Buffer.from('{"userHandle":"né"}', "latin1"));
  const explained = await here.run(["explain", "GET", "/api/v1/register", "-d", `@${file}`]);
  assert.match(explained.error, /latin1\.json is not UTF-8: .* byte 0xe9 at offset 16\./);
  assert.match((await here.run(["send", "ada", "n\ufffd"])).error, /could not be read as UTF-8/);
  assert.deepEqual(await texts(), ["fine"]);
});

test("a message from a file of Windows or an old Mac has the line breaks of Unix, and no mark at its start", async (t) => {
  const { server, here, texts } = await withAda(t);
  await here.run(["send", "ada"], "\ufeffone\r\ntwo\r\n");
  await here.run(["send", "ada"], "one\rtwo\r");
  await here.run(["send", "ada", "one\r\ntwo"]);
  await here.run(["edit", "3", "one\r\ntwo\r\nthree"]);
  await here.run(["chat", "ada"], "four\r\nfive\r\n");
  assert.deepEqual(await texts(), ["one\ntwo", "one\ntwo", "one\ntwo\nthree", "four", "five"]);
  // Another program may not be so careful.
  const authorization = `Basic ${Buffer.from(await idAndToken(here)).toString("base64")}`;
  await fetch(`${server.origin}/api/v1/chat`, {
    method: "POST",
    headers: { authorization },
    body: JSON.stringify({ userHandle: "ada", message: "one\r\ntwo\rthree" }),
  });
  const { out } = await here.run(["inbox", "--last", "1"]);
  assert.match(out, /ada {2}one\n {4}two\\u000dthree\n$/);
});

async function idAndToken({ environment }: Machine): Promise<string> {
  const path = join(environment.XDG_CONFIG_HOME ?? "", "plainchat", "identities.json");
  const { myId, myAuth } = JSON.parse(await readFile(path, "utf8")).identities.ada;
  return `${myId}:${myAuth}`;
}

test("a text may begin with a hyphen; a misspelt option is no text", async (t) => {
  const { here, texts } = await withAda(t);
  const sent: [string[], string][] = [
    [["- item"], "- item"],
    [["-5"], "-5"],
    [["->", "there"], "-> there"],
    [["-"], "-"],
    [["- a", "b", "--as", "ada", "- c"], "- a b - c"],
    [["--", "--json"], "--json"],
    [["--", "-x", "--as"], "-x --as"],
    [["-- really"], "-- really"],
  ];
  for (const [words] of sent) {
    const { exitCode, error } = await here.run(["send", "ada", ...words]);
    assert.equal(exitCode, 0, `${words.join(" ")}: ${error}`);
  }
  assert.deepEqual(
    await texts(),
    sent.map(([, expected]) => expected),
  );
  assert.equal((await here.run(["edit", "1", "- milk"])).exitCode, 0);
  assert.equal((await texts())[0], "- milk");
  for (const command of [
    ["send", "ada", "hello", "--form"],
    ["edit", "1", "-x"],
    ["send", "--jsn", "ada", "hello"],
    ["chat", "-ada"],
  ]) {
    const { exitCode, error } = await here.run(command);
    assert.equal(exitCode, EXIT.usage, command.join(" "));
    assert.match(error, /option.*put -- before it/, command.join(" "));
  }
  assert.equal((await texts()).length, sent.length);
});

test("a result that cannot be written is an error; a reader that has gone away is none", {
  skip: !existsSync("/dev/full"),
}, async (t) => {
  const { here, root } = await withAda(t);
  await here.json("send", "ada", "hello");
  const run = (command: string, environment = {}) => {
    const child = spawn("bash", ["-c", `"$@" ${command}`, "bash", process.execPath, MAIN], {
      env: { ...process.env, ...here.environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    return Promise.all([ended, text(child.stdout), text(child.stderr)]);
  };
  const commands = [
    "inbox",
    "people",
    "whoami",
    "send ada again",
    "explain GET /api/v1/users",
    "--help",
    "send --help",
    "--version",
    "completion bash",
    `compact --root ${root}`,
    "serve --help",
    "inbox --json",
  ];
  const outcomes = await Promise.all(commands.map((command) => run(`${command} > /dev/full`)));
  for (const [i, [exitCode, , error]] of outcomes.entries()) {
    assert.equal(exitCode, EXIT.notWritten, `${commands[i]}: ${error}`);
    assert.match(error, /The command is done, but its result could not be written: the disk is full/, commands[i]);
  }
  const [refused] = await run("edit 99 x > /dev/full");
  assert.equal(refused, EXIT.refused);
  // The reader ends before the first byte is written.
  const gone = await Promise.all(
    ["inbox", "people --json", "--help"].map((command) => run(`${command} | sleep 0; exit $\{PIPESTATUS[0]}`)),
  );
  for (const [exitCode, , error] of gone) assert.deepEqual([exitCode, error], [0, ""]);
  const chat = spawn(process.execPath, [MAIN, "chat", "ada"], { env: { ...process.env, ...here.environment } });
  atEnd(t, () => chat.kill("SIGKILL"));
  chat.stdout.destroy();
  // Its input stays open, and it ends all the same.
  assert.deepEqual(await once(chat, "exit"), [0, null]);
});
