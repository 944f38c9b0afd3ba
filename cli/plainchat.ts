/**
 * The program for the terminal: ./plainchat <command>. Each command is a file in commands/, with its options and its
 * help. What it works with is loaded when it runs, so that one command does not wait for the code of the others. main.ts
 * starts this.
 */
import { Option } from "commander";
import type { Compare, Tell } from "./check/check-once.ts";
import { addBackup } from "./commands/backup.ts";
import { addChat } from "./commands/chat.ts";
import { addCheck } from "./commands/check.ts";
import { addClass } from "./commands/class.ts";
import { addCompact } from "./commands/compact.ts";
import { addCompletion } from "./commands/completion.ts";
import { addDelete } from "./commands/delete.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEdit } from "./commands/edit.ts";
import { addExplain } from "./commands/explain.ts";
import { addHand } from "./commands/hand.ts";
import { addInbox } from "./commands/inbox.ts";
import { addLearn } from "./commands/learn.ts";
import { addLeave } from "./commands/leave.ts";
import { addMove } from "./commands/move.ts";
import { addPeople } from "./commands/people.ts";
import { addProgress } from "./commands/progress.ts";
import { addRegister } from "./commands/register.ts";
import { addRejoin } from "./commands/rejoin.ts";
import { addRename } from "./commands/rename.ts";
import { addRestore } from "./commands/restore.ts";
import { addSend } from "./commands/send.ts";
import { addServe } from "./commands/serve.ts";
import { addWhoami } from "./commands/whoami.ts";
import { DEFAULT_URL, examples } from "./context.ts";
import { createProgram, runProgram } from "./program.ts";

const program = createProgram("Runs a chat server that you can see through, and talks to it.")
  .addOption(
    new Option("--url <url>", `the address of the server (where you registered, or ${DEFAULT_URL})`).env(
      "PLAINCHAT_URL",
    ),
  )
  .addOption(
    new Option("--as <name>", "who you are, if you have several identities on this computer").env("PLAINCHAT_AS"),
  )
  .addHelpText(
    "after",
    `${examples(
      ["serve", "run the server"],
      ["register ada", "become a user"],
      ["send grace hello", "send a message"],
      ["inbox", "read your messages"],
      ["chat grace", "chat with grace, live"],
      ["send --help", "show how to use a command"],
    )}
Exit codes: 0 done, 1 the server cannot start, or a bug, 2 a typing mistake, 3 the server refused, 4 no server, 5 not registered here, 6 data folder, 7 check failed, 8 output not written, 130 Ctrl-C.
`,
  );

addServe(program);
for (const add of [
  addRegister,
  addWhoami,
  addPeople,
  addSend,
  addInbox,
  addChat,
  addEdit,
  addDelete,
  addRename,
  addLeave,
  addRejoin,
  addMove,
  addHand,
  addProgress,
  addClass,
]) {
  add(program);
}
addExplain(program);
const compare: Compare = async (...args) => {
  const { compareWithPlainchat } = await import("./check/compare-with-plainchat.ts");
  return compareWithPlainchat(...args);
};
const tell: Tell = async (...args) => {
  const { reportProgress } = await import("./check/report-progress.ts");
  await reportProgress(...args);
};
addCheck(program, compare, tell);
addLearn(program, compare, tell);
for (const add of [addCompact, addBackup, addRestore, addDoctor, addCompletion]) add(program);
await runProgram(program);
