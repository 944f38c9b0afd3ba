#!/usr/bin/env node
/**
 * The program for the terminal, which the file `plainchat` starts: ./plainchat <command>. Each command is a file in
 * commands/. An error that a command throws ends here, as one line and an exit code.
 */
import { Command, CommanderError, Option } from "commander";
import { visible } from "../check/report/visible.ts";
import packageFile from "../package.json" with { type: "json" };
import { EXIT, outcomeOf } from "./cli-error.ts";
import { addBackup } from "./commands/backup.ts";
import { addChat } from "./commands/chat.ts";
import { addCheck } from "./commands/check.ts";
import { addCompact } from "./commands/compact.ts";
import { addCompletion } from "./commands/completion.ts";
import { addDelete } from "./commands/delete.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEdit } from "./commands/edit.ts";
import { addExplain } from "./commands/explain.ts";
import { addInbox } from "./commands/inbox.ts";
import { addLeave } from "./commands/leave.ts";
import { addPeople } from "./commands/people.ts";
import { addRegister } from "./commands/register.ts";
import { addRename } from "./commands/rename.ts";
import { addRestore } from "./commands/restore.ts";
import { addSend } from "./commands/send.ts";
import { addServe } from "./commands/serve.ts";
import { addWhoami } from "./commands/whoami.ts";
import { DEFAULT_URL, examples } from "./context.ts";
import { LAUNCHER } from "./launcher.ts";
import { everythingWritten, tell, write } from "./output.ts";

const program = new Command(LAUNCHER)
  .description("Runs a chat server that you can see through, and talks to it.")
  .version(packageFile.version)
  .addOption(
    new Option("--url <url>", `the address of the server (where you registered, or ${DEFAULT_URL})`).env(
      "PLAINCHAT_URL",
    ),
  )
  .addOption(
    new Option("--as <name>", "who you are, if you have several identities on this computer").env("PLAINCHAT_AS"),
  )
  .option("--json", "print data as one line of JSON, for programs")
  .showSuggestionAfterError()
  .configureHelp({ showGlobalOptions: true })
  .configureOutput({
    writeOut: (text) => write(visible(text)),
    writeErr: (text) => tell(text.trimEnd()),
    outputError: (text, report) => report(oneLine(text, `${LAUNCHER} --help lists the commands`)),
  })
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
]) {
  add(program);
}
for (const add of [addExplain, addCheck, addCompact, addBackup, addRestore, addDoctor, addCompletion]) add(program);
program.exitOverride();
for (const command of program.commands) {
  const hint = `${LAUNCHER} ${command.name()} --help shows how`;
  command.exitOverride().configureOutput({ outputError: (text, report) => report(oneLine(text, hint)) });
}

for (const work of [() => program.parseAsync(), everythingWritten]) {
  try {
    await work();
  } catch (error) {
    process.exitCode ||= endWith(error);
  }
}

/** Turns commander's error message into one line, like all our errors. */
function oneLine(text: string, hint: string): string {
  const said = text
    .trim()
    .replace(/^error: /, "")
    .replace(/^command-argument value '(.*)' is invalid for argument '(\w+)'\./s, '"$1" is not valid for <$2>.')
    .replace(/^unknown option '.*'$/s, "$&. If it is no option, put -- before it")
    .replaceAll("\n", " ");
  const sentence = `${said} (${hint})`;
  // The options may not be parsed yet.
  if (process.argv.includes("--json")) return `${JSON.stringify({ error: sentence, exitCode: EXIT.usage })}\n`;
  return `plainchat: ${sentence}\n`;
}

/** Prints what went wrong. @returns the exit code. */
function endWith(error: unknown): number {
  // Commander has printed it already. Asking for help is not a mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  const { sentence, exitCode } = outcomeOf(error);
  const json = program.opts<{ json?: true }>().json === true;
  if (json) tell(JSON.stringify({ error: sentence, exitCode }));
  else if (sentence !== "") tell(`plainchat: ${sentence}`);
  if (exitCode === EXIT.bug && error instanceof Error) tell(error.stack ?? "");
  return exitCode;
}
