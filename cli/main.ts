#!/usr/bin/env node
/**
 * The program for the terminal: npm run -s plainchat -- <command>. Each command is a file in commands/; what they throw
 * ends here, as one line and an exit code.
 */
import { Command, CommanderError, Option } from "commander";
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

const program = new Command("plainchat")
  .description("A chat server that you can see through, and a way to talk at it.")
  .version(packageFile.version)
  .addOption(
    new Option("--url <url>", `where the server is (where you registered, or ${DEFAULT_URL})`).env("PLAINCHAT_URL"),
  )
  .addOption(new Option("--as <name>", "as whom, where this machine knows more than one of you").env("PLAINCHAT_AS"))
  .option("--json", "print data as one line of JSON, for programs")
  .showSuggestionAfterError()
  .configureHelp({ showGlobalOptions: true })
  .configureOutput({ outputError: (text, write) => write(oneLine(text, "plainchat --help says what there is")) })
  .addHelpText(
    "after",
    `${examples(
      ["serve", "run the server"],
      ["register ada", "become a user"],
      ["send grace hello", "send a message"],
      ["inbox", "read your messages"],
      ["chat grace", "talk, live"],
      ["send --help", "how a command is used"],
    )}
Without installing anything, plainchat is written: npm run -s plainchat --
Exit codes: 0 done, 2 typed wrongly, 3 refused by the server, 4 no server, 5 not registered here, 6 data folder, 7 check failed, 1 a bug.
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
  const hint = `plainchat ${command.name()} --help says how`;
  command.exitOverride().configureOutput({ outputError: (text, write) => write(oneLine(text, hint)) });
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = endWith(error);
}

/** What commander says of a mistake, as everything else here is said. */
function oneLine(text: string, hint: string): string {
  const sentence = `${text
    .replace(/^error: /, "")
    .trim()
    .replaceAll("\n", " ")} (${hint})`;
  // What was typed may not even be understood so far.
  if (process.argv.includes("--json")) return `${JSON.stringify({ error: sentence, exitCode: EXIT.usage })}\n`;
  return `plainchat: ${sentence}\n`;
}

/** Says what went wrong. @returns the exit code. */
function endWith(error: unknown): number {
  // Commander has said it already; asking for help is no mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  const { sentence, exitCode } = outcomeOf(error);
  const json = program.opts<{ json?: true }>().json === true;
  if (json) console.error(JSON.stringify({ error: sentence, exitCode }));
  else if (sentence !== "") console.error(`plainchat: ${sentence}`);
  if (exitCode === EXIT.bug && error instanceof Error) console.error(error.stack);
  return exitCode;
}
