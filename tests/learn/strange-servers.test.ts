/**
 * What learners' servers and computers do to `plainchat learn`: mistakes, processes that stay, ports that are taken, files
 * that are saved in pieces, narrow terminals. Each gets a sentence, and nothing is left running.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { copyFile, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { isListening } from "../../check/node/server-under-test.ts";
import { atEnd } from "../../testing/at-end.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { isReady, learner, SERVERS, until, words } from "../../testing/terminal-course.ts";

const { starter, second } = SERVERS.python;
/** Go and Java compile first, which can take longer than until() waits. */
async function inTime(wait: () => Promise<void>): Promise<void> {
  for (let i = 1; i < 6; i++) {
    const isThere = await wait().then(
      () => true,
      () => false,
    );
    if (isThere) return;
  }
  await wait();
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The ids that a server wrote into a file, when there are this many. */
async function pidsIn(path: string, count: number): Promise<number[]> {
  for (let i = 0; i < 250; i++) {
    const pids = (await readFile(path, "utf8").catch(() => "")).split("\n").filter(Boolean).map(Number);
    if (pids.length >= count) return pids;
    await setTimeout(20);
  }
  throw new Error(`There are no ${count} process ids in ${path}`);
}

/** Processes that were killed may need a moment. */
async function haveEnded(pids: number[]): Promise<void> {
  for (let i = 0; i < 100 && pids.some(isRunning); i++) await setTimeout(20);
  assert.deepEqual(pids.filter(isRunning), []);
}

for (const [language, code, sentence] of [
  ["python", starter.replace("body = ", "body == = "), "line 7 of server.py: body == = b'hello'"],
  ["typescript", SERVERS.typescript.starter.replace("const port", "const const port"), "line 3 of server.ts:"],
] as const) {
  test(`a syntax error in ${language}: the last lines, and the line of the learner's file`, async (t) => {
    const { learn, server } = await learner(t, { language });
    const terminal = learn();
    await isReady(terminal);
    await writeFile(server, code);
    await until(terminal, "✗ Your server ended with exit code 1 before it listened.", "SyntaxError", "Look first:");
    await until(terminal, sentence);
    await isReady(terminal);
    await writeFile(server, SERVERS[language].second);
    await until(terminal, "The one check passed.");
    terminal.type("q");
    assert.equal(await terminal.ended, 0);
  });
}

test("a server that ends between two runs is seen, and the next run starts it again", async (t) => {
  const ends = starter
    .replace("import sys", "import os, sys, threading")
    .replace("ThreadingHTTPServer((", 'threading.Timer(1, lambda: os._exit(int("3"))).start()\nThreadingHTTPServer((');
  const { learn, server } = await learner(t, { code: ends });
  const terminal = learn();
  await until(terminal, "Your server runs", "✗ Your server has ended with exit code 3.");
  await isReady(terminal);
  await writeFile(server, starter);
  await until(terminal, "The one check passed.");
  terminal.type("q");
  assert.equal(await terminal.ended, 0);
});

test("a server that does not want to end is killed with all that it has started, and nobody else is", async (t) => {
  const pids = join(await temporaryFolder(t), "pids");
  const other = spawn("python3", ["-c", "import time; time.sleep(100)  # server.py"], { stdio: "ignore" });
  atEnd(t, () => other.kill("SIGKILL"));
  const stays = `import os, signal, subprocess
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "100"])
with open("${pids}", "a") as file:
    file.write(f"{os.getpid()}\\n{child.pid}\\n")
${starter}`;
  const { learn, server } = await learner(t, { code: stays });
  const terminal = learn();
  await isReady(terminal);
  const first = await pidsIn(pids, 2);
  assert.deepEqual(first.filter(isRunning), first);
  await writeFile(server, stays.replace("hello", "hello again"));
  await until(terminal, "The one check passed.");
  const all = await pidsIn(pids, 4);
  await haveEnded(first);
  await isReady(terminal);
  terminal.type("\x03");
  assert.equal(await terminal.ended, 130);
  await haveEnded(all);
  assert.ok(isRunning(other.pid ?? 0));
});

test("a process that has left its group keeps the port, so the server gets another one", async (t) => {
  const pids = join(await temporaryFolder(t), "pids");
  // The server becomes a daemon: the process that was started waits, and another one listens.
  const daemon = `import os, sys, time
if os.fork() > 0:
    time.sleep(1000)
os.setsid()
with open("${pids}", "a") as file:
    file.write(f"{os.getpid()}\\n")
${starter}`;
  const { learn, server, port } = await learner(t, { code: daemon });
  const terminal = learn();
  await isReady(terminal);
  const [escaped = 0] = await pidsIn(pids, 1);
  atEnd(t, () => process.kill(escaped, "SIGKILL"));
  await writeFile(server, starter);
  await until(
    terminal,
    `Something else listens at port ${port},`,
    "Now your server is at port",
    "The one check passed.",
  );
  assert.ok(isRunning(escaped));
  terminal.type("q");
  assert.equal(await terminal.ended, 0);
});

test("if the port is taken, another one is chosen, and learn says so", async (t) => {
  const { learn, port, folder } = await learner(t);
  const other = createServer().listen(port, "127.0.0.1");
  await once(other, "listening");
  atEnd(t, () => other.close());
  const terminal = learn();
  await until(terminal, `Something else listens at port ${port}, perhaps your own server in another terminal.`);
  await until(terminal, "Your server runs at http://127.0.0.1:");
  await isReady(terminal);
  terminal.type("\r");
  await until(terminal, "The one check passed.");
  terminal.type("q");
  assert.equal(await terminal.ended, 0);
  assert.equal(
    JSON.parse(await readFile(join(folder, "plainchat.json"), "utf8")).port,
    port,
    "next time it may be free",
  );
});

test("a server that loses its port to somebody who is faster is started at another one", async (t) => {
  // It listens for a moment, and then finds that its port is taken.
  const loses = `import os, sys, threading
if not os.path.exists("lost"):
    open("lost", "w")
    def lose():
        sys.stderr.write("OSError: [Errno 98] Address already in use\\n")
        sys.stderr.flush()
        os._exit(1)
    threading.Timer(0.7, lose).start()
${starter}`;
  const { learn, port } = await learner(t, { code: loses });
  const terminal = learn();
  await until(terminal, `Your server runs at http://127.0.0.1:${port}.`);
  await setTimeout(1500);
  await isReady(terminal);
  assert.doesNotMatch(words(terminal.screen()), /has ended/);
  assert.ok(await isListening(`http://127.0.0.1:${port}`), "it was started again");
  terminal.type("q");
  assert.equal(await terminal.ended, 0);
});

test("a file that is saved in halves runs once, when it is whole", async (t) => {
  const { learn, server } = await learner(t);
  const terminal = learn();
  await isReady(terminal);
  const half = second.indexOf("do_POST = ") + "do_POST = ".length;
  // Well within the time for which a whole file stays the same, also on a busy computer.
  writeFileSync(server, "");
  await setTimeout(20);
  writeFileSync(server, second.slice(0, half));
  await setTimeout(20);
  writeFileSync(server, second);
  await until(terminal, "The one check passed.");
  await isReady(terminal);
  const screen = words(terminal.screen());
  assert.doesNotMatch(screen, /SyntaxError|ended/);
  assert.equal(screen.match(/--- \d\d:\d\d, lesson 1 ---/g)?.length, 1, screen);
  terminal.type("q");
  assert.equal(await terminal.ended, 0);
});

test("an editor that replaces the file, and a file of whose changes the system says nothing, are noticed", async (t) => {
  const { learn, server } = await learner(t, { state: { lesson: 2 } });
  // The folder of a link hears nothing of changes in the file that it leads to.
  const elsewhere = join(await temporaryFolder(t), "server.py");
  await writeFile(elsewhere, starter);
  await writeFile(`${server}~`, "");
  await symlink(elsewhere, `${server}.new`);
  await rename(`${server}.new`, server);
  const terminal = learn();
  await isReady(terminal, 2);
  await writeFile(elsewhere, second);
  await until(terminal, "All 3 checks passed.");
  await isReady(terminal, 2);
  await writeFile(`${server}.new`, starter.replace("hello", "replaced"));
  await rename(`${server}.new`, server);
  await until(terminal, "✗ 2 Words for machines", "replaced");
  terminal.type("q");
  assert.equal(await terminal.ended, 0);
});

test("files with line breaks of Windows are the same", async (t) => {
  const { learn, server, folder } = await learner(t, { lineBreak: "\r\n", code: second.replaceAll("\n", "\r\n") });
  const file = join(folder, "plainchat.json");
  const state = JSON.stringify(JSON.parse(await readFile(file, "utf8")), undefined, 2);
  await writeFile(file, `\ufeff${state.replaceAll("\n", "\r\n")}`);
  const terminal = learn(["--lesson", "2"]);
  await until(terminal, "Lesson 2: English title 2", "idea of lesson 2", "hello 2");
  await isReady(terminal, 2);
  terminal.type("h");
  await until(terminal, "The first hint of lesson 2.");
  await isReady(terminal, 2);
  terminal.type("s");
  await until(terminal, "Look at the solution?");
  terminal.type("y");
  await until(terminal, "Your server.py is the solution.");
  await isReady(terminal, 2);
  await writeFile(server, starter.replace("body = ", "body == = ").replaceAll("\n", "\r\n"));
  await until(terminal, "line 7 of server.py: body == = b'hello'");
  assert.doesNotMatch(words(terminal.screen()), /\\u000d|\\ufeff/);
  terminal.type("q");
  assert.equal(await terminal.ended, 0);
});

test("a server that prints a lot, with characters that steer terminals, disturbs nothing", async (t) => {
  const loud = starter
    .replace("body = b'hello'", "print('x' * 1000000); print('\\x1b[2J\\x1b]0;title\\x07'); body = b'hello'")
    .replace("ThreadingHTTPServer((", 'for i in range(20000): print(f"line {i}" * 10)\nThreadingHTTPServer((');
  const { learn } = await learner(t, { code: loud, state: { lesson: 2 } });
  const terminal = learn();
  await isReady(terminal, 2);
  terminal.type("\r");
  await until(terminal, "✗ 2 Words for machines", "The last lines that your server printed:", "\\u001b[2J");
  await isReady(terminal, 2);
  assert.ok(terminal.screen().length < 300);
  terminal.type("q");
  assert.equal(await terminal.ended, 0);
});

test("a server that never listens gets ten seconds, and then a sentence", async (t) => {
  const { learn, port } = await learner(t, { code: 'import time\nprint("I think")\ntime.sleep(1000)\n' });
  const terminal = learn();
  await until(terminal, `Waiting for your server to listen at http://127.0.0.1:${port}.`);
  await until(terminal, `Your server was started, but nothing listens at http://127.0.0.1:${port}.`, "I think");
  await isReady(terminal);
  terminal.type("q");
  assert.equal(await terminal.ended, 0);
});

/** Their servers run as children: of the shell, of `php server.php`, of `go run`. */
for (const [language, file, start] of [
  ["php", "server.php", "php server.php {port} {folder}"],
  ["go", "server.go", "go run server.go {port} {folder}"],
  ["java", "Server.java", "java Server.java {port} {folder}"],
] as const) {
  test(`the starter in ${language} ends with learn, with all its children`, async (t) => {
    const [program = ""] = start.split(" ");
    if (spawnSync(program, [program === "go" ? "version" : "--version"]).status !== 0) return t.skip("unproven");
    const { learn, folder, port } = await learner(t, { state: { language, file, start } });
    await copyFile(join(import.meta.dirname, "..", "..", "course", "starters", language, file), join(folder, file));
    const url = `http://127.0.0.1:${port}`;
    for (const key of ["q", "\x03"]) {
      const terminal = learn();
      await inTime(() => until(terminal, "Your server runs at"));
      await isReady(terminal);
      terminal.type("\r");
      await inTime(() => until(terminal, "The one check passed."));
      await isReady(terminal);
      assert.ok(await isListening(url));
      terminal.type(key);
      assert.equal(await terminal.ended, key === "q" ? 0 : 130);
      for (let i = 0; i < 100 && (await isListening(url)); i++) await setTimeout(20);
      assert.equal(await isListening(url), false, `after ${JSON.stringify(key)}`);
    }
  });
}

test("Ctrl-C ends everything at once, while the server starts and while the checks run", async (t) => {
  const pids = join(await temporaryFolder(t), "pids");
  const note = `import os, time\nwith open("${pids}", "a") as file:\n    file.write(f"{os.getpid()}\\n")\n`;
  const { learn, server, port } = await learner(t, { code: `${note}time.sleep(1000)\n` });
  const starting = learn();
  await until(starting, "Your task");
  const one = await pidsIn(pids, 1);
  starting.type("\x03");
  assert.equal(await starting.ended, 130);
  await haveEnded(one);
  await writeFile(server, `${note}${starter.replace("body = ", "time.sleep(1000); body = ")}`);
  const running = learn();
  await isReady(running);
  running.type("\r");
  const all = await pidsIn(pids, 3);
  await setTimeout(300);
  running.type("\x03");
  assert.equal(await running.ended, 130);
  await haveEnded(all);
  assert.equal(await isListening(`http://127.0.0.1:${port}`), false);
});

test("if the terminal is closed, the server ends", async (t) => {
  const pids = join(await temporaryFolder(t), "pids");
  const code = `import os\nwith open("${pids}", "a") as file:\n    file.write(f"{os.getpid()}\\n")\n${starter}`;
  const { learn } = await learner(t, { code });
  const terminal = learn();
  await isReady(terminal);
  const started = await pidsIn(pids, 1);
  terminal.hangUp();
  await haveEnded(started);
});

test("if the folder is taken away, learn says so and goes on", async (t) => {
  const { learn, folder } = await learner(t);
  const terminal = learn();
  await isReady(terminal);
  await rename(folder, `${folder}-away`);
  terminal.type("\r");
  await until(terminal, `The folder ${folder} is not there any more`);
  await rename(`${folder}-away`, folder);
  await isReady(terminal);
  terminal.type("\r");
  await until(terminal, "The one check passed.");
  terminal.type("q");
  assert.equal(await terminal.ended, 0);
});

test("a terminal of 40 columns: words stay whole, and the keys are in one row", async (t) => {
  const { learn } = await learner(t);
  const terminal = learn([], { columns: 40 });
  const keys = "[1]  Enter run  h hint  q quit  ?";
  await terminal.until((screen) => screen.at(-1) === keys, "the keys");
  assert.ok(terminal.screen().includes("The idea of lesson 1 is long enough"));
  assert.ok(terminal.screen().includes("- Answer `hello 1`, and do not forget"));
  assert.ok(terminal.screen().includes("  that an item of a list can be longer"));
  terminal.type("s");
  await until(terminal, "Look at the solution? y/n:");
  terminal.type("n");
  await terminal.until((screen) => screen.at(-1) === keys, "the keys again");
  assert.equal(terminal.screen().filter((line) => line === keys || line.includes("y/n")).length, 1);
  if (process.platform === "linux") {
    await terminal.resize(100);
    await isReady(terminal);
    await terminal.resize(30);
    await terminal.until((screen) => screen.at(-1) === "[1]  Enter run  h hint  ?", "fewer keys");
  }
  terminal.type("q");
  assert.equal(await terminal.ended, 0);
});
