/**
 * The chat in the terminal, where handles change hands, texts are pasted and windows change their size. These tests type
 * into a pseudo-terminal and look at its screen.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { PlainchatClient } from "../client/plainchat-client.ts";
import { startGate } from "../testing/gate.ts";
import { type Machine, serverAndMachine } from "../testing/machine.ts";
import type { PseudoTerminal } from "../testing/pseudo-terminal.ts";
import type { RunningServer } from "../testing/start-server.ts";

/** ada is registered on the computer, and the others have clients of their own. */
async function withPeople(
  t: TestContext,
  ...handles: string[]
): Promise<{ server: RunningServer; here: Machine; people: PlainchatClient[] }> {
  const { server, here } = await serverAndMachine(t);
  await here.json("register", "ada", "--secret", server.secret);
  const people: PlainchatClient[] = [];
  for (const userHandle of handles) {
    const client = new PlainchatClient(server.origin);
    await client.registerUser({ secret: server.secret, userHandle });
    people.push(client);
  }
  return { server, here, people };
}

const last = (screen: string[]) => screen.at(-1) ?? "";
const prompts = (screen: string[]) => screen.filter((line) => line.includes("ada → ")).length;
const textsOf = async (client: PlainchatClient | undefined) =>
  (await client?.fetchQueue())?.messages.map(({ message }) => message);

/** The message is shown when the server has it. The line that was typed is gone before. */
async function isSent(terminal: PseudoTerminal, start: string): Promise<void> {
  await terminal.until((screen) => screen.some((line) => line.includes(`you → grace  ${start}`)), "it is sent");
  await terminal.until((screen) => last(screen) === "ada → grace>", "an empty prompt");
}

async function leave(terminal: PseudoTerminal): Promise<void> {
  terminal.type("\x03");
  assert.equal(await terminal.ended, 0);
}

test("chat: a message goes to the person, also after a rename, when somebody else has the handle", async (t) => {
  const { server, here, people } = await withPeople(t, "uma");
  const [uma] = people;
  const terminal = here.terminal("chat", "uma");
  await terminal.until((screen) => last(screen) === "ada → uma>", "the prompt");
  await uma?.changeUser({ userHandle: "umi" });
  const eve = new PlainchatClient(server.origin);
  await eve.registerUser({ secret: server.secret, userHandle: "uma" });
  terminal.type("for your eyes only\r");
  await terminal.until((screen) => last(screen) === "ada → umi>", "the new handle");
  assert.ok(terminal.screen().includes("  uma is now called umi."));
  assert.deepEqual(await textsOf(uma), ["for your eyes only"]);
  assert.deepEqual(await textsOf(eve), []);
  // What the other uma writes must not look as if it were from the first one.
  await eve.publishMessage({ userHandle: "ada", message: "who are you?" });
  const { myId } = eve.credentials ?? assert.fail();
  await terminal.until(
    (screen) => screen.some((line) => line.endsWith(`uma (user ${myId})  who are you?`)),
    "whose message it is",
  );
  await eve.publishMessage({ userHandle: "ada", message: "hello?" });
  await uma?.publishMessage({ userHandle: "ada", message: "I am umi" });
  await leave(terminal);
  await here.json("send", "umi", "later");
  const { out } = await here.run(["inbox"]);
  assert.match(out, /uma {2}who are you\?\n.* {2}uma {2}hello\?\n.* {2}umi {2}I am umi\n$/);
});

test("chat: a message that somebody else got in the last moment is taken back, and can be sent again", async (t) => {
  const { server, here, people } = await withPeople(t, "uma", "eve");
  const [uma, eve] = people;
  const gate = await startGate(t, server.origin);
  let isSwapped = false;
  gate.before = async (method, path) => {
    if (isSwapped || method !== "POST" || path !== "/api/v1/chat") return;
    isSwapped = true;
    await uma?.changeUser({ userHandle: "umi" });
    await eve?.changeUser({ userHandle: "uma" });
  };
  const terminal = here.terminal("chat", "uma", "--url", gate.origin, "--as", "ada");
  await terminal.until((screen) => last(screen) === "ada → uma>", "the prompt");
  terminal.type("for your eyes only\r");
  const isSaid = (screen: string[]) =>
    /Not sent: Somebody else took the handle uma .* taken back at once, but they may have seen it\./.test(
      screen.join(" ").replace(/\s+/g, " "),
    );
  await terminal.until(isSaid, "what has happened");
  await terminal.until((screen) => last(screen) === "ada → uma> for your eyes only", "it can be sent again");
  assert.deepEqual(await textsOf(eve), []);
  assert.deepEqual(await textsOf(uma), []);
  terminal.type("\r");
  await terminal.until((screen) => last(screen) === "ada → umi>", "it is sent");
  assert.deepEqual(await textsOf(uma), ["for your eyes only"]);
  assert.deepEqual(await textsOf(eve), []);
  await leave(terminal);
});

test("chat: nothing is sent to somebody who has left, even if another user has their handle", async (t) => {
  const { server, here, people } = await withPeople(t, "uma");
  const terminal = here.terminal("chat", "uma");
  await terminal.until((screen) => last(screen) === "ada → uma>", "the prompt");
  await people[0]?.removeUser();
  await terminal.until((screen) => screen.some((line) => line.startsWith("  uma has left.")), "who has left");
  const eve = new PlainchatClient(server.origin);
  await eve.registerUser({ secret: server.secret, userHandle: "uma" });
  terminal.type("hello?\r");
  await terminal.until(
    (screen) => screen.includes("  Not sent: This user has left. The message was not sent."),
    "what has happened",
  );
  await terminal.until((screen) => last(screen) === "ada → uma> hello?", "the line is back");
  assert.deepEqual(await textsOf(eve), []);
  await leave(terminal);
});

test("chat: pasted lines are shown, and become one message when Enter is pressed", async (t) => {
  const { here, people } = await withPeople(t, "grace");
  const terminal = here.terminal("chat", "grace");
  await terminal.until((screen) => last(screen) === "ada → grace>", "the prompt");
  const lines = Array.from({ length: 25 }, (_, i) => `line ${i + 1}`);
  terminal.type("See:\x1b[200~\r");
  // A paste may come in pieces.
  terminal.type(`${lines.slice(0, 10).join("\r")}\r`);
  terminal.type(`${lines.slice(10).join("\r\n")}\r\x1b[201~`);
  await terminal.until((screen) => last(screen) === "line 25", "all of it is shown");
  assert.deepEqual(terminal.screen().slice(-26), ["ada → grace> See:", ...lines]);
  assert.deepEqual(await textsOf(people[0]), []);
  // It can be corrected before it goes.
  terminal.type("\x7f6");
  await terminal.until((screen) => last(screen) === "line 26", "the correction");
  terminal.type("\r");
  await isSent(terminal, "See:");
  assert.deepEqual(await textsOf(people[0]), [["See:", ...lines.slice(0, -1), "line 26"].join("\n")]);
  assert.equal(prompts(terminal.screen()), 1, terminal.screen().join("\n"));
  terminal.type("\x1b[A");
  await terminal.until((screen) => last(screen) === "line 26", "the arrow up brings all of it back");
  await leave(terminal);
});

test("chat: hidden characters in a paste are shown before they are sent", async (t) => {
  const { here } = await withPeople(t, "grace");
  const terminal = here.terminal("chat", "grace");
  await terminal.until((screen) => last(screen) === "ada → grace>", "the prompt");
  terminal.type("\x1b[200~good\x07 \x1b[31mnight\u200b\x1b[201~");
  await terminal.until((screen) => last(screen) === "ada → grace> good\\u0007 \\u001b[31mnight\\u200b", "each of them");
  await leave(terminal);
});

test("chat: what would move the cursor in a message from somebody else is shown", async (t) => {
  const { here, people } = await withPeople(t, "grace");
  const [grace] = people;
  const terminal = here.terminal("chat", "grace");
  await terminal.until((screen) => last(screen) === "ada → grace>", "the prompt");
  await grace?.publishMessage({ userHandle: "ada", message: "Windows\r\nlines, and\rMac\u200b" });
  await terminal.until(
    (screen) => screen.some((line) => line === "    lines, and\\u000dMac\\u200b"),
    "two lines, and the characters that nobody can see",
  );
  assert.ok(terminal.screen().some((line) => line.endsWith("grace  Windows")));
  await leave(terminal);
});

test("chat: a backslash at the end of a line, and Alt+Enter, begin another line of the message", async (t) => {
  const { here, people } = await withPeople(t, "grace");
  const terminal = here.terminal("chat", "grace");
  await terminal.until((screen) => last(screen) === "ada → grace>", "the prompt");
  terminal.type("one\\\rtwo\x1b\rthree");
  await terminal.until((screen) => last(screen) === "three", "three lines");
  assert.deepEqual(terminal.screen().slice(-3), ["ada → grace> one", "two", "three"]);
  terminal.type("\rC:\\\\\r");
  await terminal.until((screen) => screen.some((line) => line.endsWith("you → grace  C:\\")), "both are sent");
  assert.deepEqual(await textsOf(people[0]), ["one\ntwo\nthree", "C:\\"]);
  await leave(terminal);
});

for (const reflowCursorLine of [false, true]) {
  const kind = reflowCursorLine ? "breaks long lines again" : "leaves the line with the cursor as it is";
  test(`chat: in a terminal that ${kind}, no width loses a message or leaves an old prompt`, {
    skip: process.platform !== "linux",
  }, async (t) => {
    const { here, people } = await withPeople(t, "grace");
    const [grace] = people;
    const terminal = here.terminalWith({ reflowCursorLine }, "chat", "grace");
    await terminal.until((screen) => last(screen) === "ada → grace>", "the prompt");
    const typed = "0123456789".repeat(20);
    terminal.type(typed);
    const said: string[] = [];
    const isRight = (screen: string[]) => {
      const shown = screen.flatMap((line) => /grace {2}(says .*)$/.exec(line)?.[1] ?? []);
      const isComplete = JSON.stringify(shown) === JSON.stringify(said);
      return isComplete && screen.join("").endsWith(`ada → grace> ${typed}`) && prompts(screen) === 1;
    };
    for (const columns of [100, 80, 120, 60, 40, 41, 40, 200, 213, 79]) {
      for (let i = 0; i < 2; i++) {
        said.push(`says ${said.length}`);
        await grace?.publishMessage({ userHandle: "ada", message: said.at(-1) ?? "" });
      }
      await terminal.until(isRight, `everything, before the window has ${columns} columns`);
      await terminal.resize(columns);
      await terminal.until(isRight, `everything, with ${columns} columns`);
    }
    terminal.type("\r");
    await isSent(terminal, "0123456789");
    assert.equal(prompts(terminal.screen()), 1, terminal.screen().join("\n"));
    assert.deepEqual(await textsOf(grace), [typed]);
    await leave(terminal);
  });
}

test("chat: a text with more rows than the window can be typed, and messages still appear above it", async (t) => {
  const { here, people } = await withPeople(t, "grace");
  const [grace] = people;
  const terminal = here.terminal("chat", "grace");
  await terminal.until((screen) => last(screen) === "ada → grace>", "the prompt");
  const lines = Array.from({ length: 60 }, (_, i) => `row ${i + 1}`);
  terminal.type(`\x1b[200~${lines.join("\r")}\x1b[201~`);
  await terminal.until((screen) => last(screen) === "row 60", "its end");
  await grace?.publishMessage({ userHandle: "ada", message: "I interrupt you" });
  await terminal.until((screen) => screen.some((line) => line.endsWith("grace  I interrupt you")), "the message");
  assert.equal(last(terminal.screen()), "row 60");
  assert.equal(terminal.screen().filter((line) => line === "row 59").length, 1);
  terminal.type("\r");
  await isSent(terminal, "row 1");
  assert.deepEqual(await textsOf(grace), [lines.join("\n")]);
  await leave(terminal);
});

test("chat: a line that begins with a slash is never sent, however the command is written", async (t) => {
  const { here, people } = await withPeople(t, "grace", "alan");
  const terminal = here.terminal("chat", "grace");
  await terminal.until((screen) => last(screen) === "ada → grace>", "the prompt");
  terminal.type("hello\r");
  await isSent(terminal, "hello");
  terminal.type("/Edit hello, Grace\r");
  await terminal.until((screen) => screen.some((line) => line.includes("hello, Grace (edited)")), "the edit");
  const refused = ["/To: alan", "/edit-text x", "/home/ada/notes.txt", "/2", "/", "/ hello", "/édit x"];
  for (const text of refused) {
    terminal.type(`${text}\r`);
    const name = text.split(" ")[0] ?? "";
    await terminal.until(
      (screen) => screen.some((line) => line.startsWith(`  There is no ${name}. /help lists the commands.`)),
      `what ${text} is`,
    );
  }
  terminal.type("//To: alan\r");
  await isSent(terminal, "/To: alan");
  terminal.type("/TO alan\r");
  await terminal.until((screen) => last(screen) === "ada → alan>", "the other person");
  terminal.type("/QUIT\r");
  assert.equal(await terminal.ended, 0);
  assert.deepEqual(await textsOf(people[0]), ["hello, Grace", "/To: alan"]);
  assert.deepEqual(await textsOf(people[1]), []);
});

test("chat: text that is not UTF-8 is not sent, whether it was typed or pasted", async (t) => {
  const { here, people } = await withPeople(t, "grace");
  const terminal = here.terminal("chat", "grace");
  await terminal.until((screen) => last(screen) === "ada → grace>", "the prompt");
  for (const [start, end] of [
    ["", ""],
    ["\x1b[200~", "\x1b[201~"],
  ]) {
    terminal.type(Buffer.from(`${start}caf\xe9 at 8${end}`, "latin1"));
    await terminal.until((screen) => last(screen) === "ada → grace> caf\ufffd at 8", "what was typed");
    terminal.type("\r");
    await terminal.until(
      (screen) => screen.some((line) => line.startsWith("  Not sent: a character could not be read as UTF-8")),
      "what is wrong",
    );
    await terminal.until((screen) => last(screen) === "ada → grace> caf\ufffd at 8", "it can be corrected");
    // To the beginning of the line, and everything after it goes.
    terminal.type("\x15");
    await terminal.until((screen) => last(screen) === "ada → grace>", "an empty prompt");
  }
  terminal.type("café at 8\r");
  await isSent(terminal, "café at 8");
  assert.deepEqual(await textsOf(people[0]), ["café at 8"]);
  await leave(terminal);
});

test("chat: thousands of characters at once are shown soon, and Ctrl-C ends the chat at once", async (t) => {
  const { here, people } = await withPeople(t, "grace");
  const terminal = here.terminal("chat", "grace");
  await terminal.until((screen) => last(screen) === "ada → grace>", "the prompt");
  const typed = "0123456789".repeat(400);
  const started = performance.now();
  // Without marks, as from a terminal that does not know them.
  terminal.type(typed);
  await terminal.until((screen) => screen.join("").endsWith(typed.slice(-1000)), "all of it");
  const milliseconds = performance.now() - started;
  assert.ok(milliseconds < 3000, `it took ${milliseconds} ms`);
  terminal.type("\x7f!\r");
  await isSent(terminal, "0123456789");
  assert.deepEqual(await textsOf(people[0]), [`${typed.slice(0, -1)}!`]);
  terminal.type(`${"x".repeat(4100)}`);
  const left = performance.now();
  await leave(terminal);
  assert.ok(performance.now() - left < 3000, "Ctrl-C waits for nothing");
});
