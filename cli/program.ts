/**
 * What every program for the terminal has in common: how it prints help and mistakes, and how it ends. main.ts is the
 * program with all commands; check/alone.ts has only the check.
 */
import { Command, CommanderError } from "commander";
import { visible } from "../check/report/visible.ts";
import packageFile from "../package.json" with { type: "json" };
import { EXIT, outcomeOf } from "./cli-error.ts";
import { LAUNCHER } from "./launcher.ts";
import { everythingWritten, tell, write } from "./output.ts";

/** @returns a program without commands. */
export function createProgram(description: string): Command {
  return new Command(LAUNCHER)
    .description(description)
    .version(packageFile.version)
    .option("--json", "print data as one line of JSON, for programs")
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => write(visible(text)),
      writeErr: (text) => tell(text.trimEnd()),
      outputError: (text, report) => report(oneLine(text, `${LAUNCHER} --help lists the commands`)),
    });
}

/** Runs the command that was typed. An error that it throws ends here, as one line and an exit code. */
export async function runProgram(program: Command): Promise<void> {
  program.exitOverride();
  for (const command of program.commands) end(command, `${LAUNCHER} ${command.name()}`);
  for (const work of [() => program.parseAsync(), everythingWritten]) {
    try {
      await work();
    } catch (error) {
      process.exitCode ||= endWith(error, program.opts<{ json?: true }>().json === true);
    }
  }
}

/** Commander's message, unless it has a suggestion of its own. */
const UNKNOWN_OPTION = /(?<=^error: )unknown option '(.*)'(?=\s*$)/s;
/** What the API, or another program, calls an option of ours. */
const OTHER_NAMES: Record<string, readonly string[]> = {
  "--last": ["limit", "count", "number", "n", "max", "size", "tail"],
  "--from": ["userHandle", "handle", "user", "with"],
  "--wait": ["timeout", "seconds", "follow", "f"],
  "--after": ["since", "start", "id", "messageId"],
  "--as": ["user", "me", "myId", "identity", "name"],
  "--url": ["host", "server", "address", "port"],
  "--secret": ["password", "classSecret"],
  "--data": ["body", "json-body"],
  "--yes": ["force", "y"],
  "--root": ["dir", "folder", "data"],
};

/** What to say about an option that a command does not have. */
function unknown(command: Command, typed: string): string {
  const own = command.options.flatMap(({ long }) => long ?? []).filter((long) => long !== "--help");
  const all = [...own, "--url", "--as"];
  const name = typed.replace(/^-+/, "").replace(/=.*/s, "");
  const meant = all.find((long) => OTHER_NAMES[long]?.includes(name));
  const list = own.length === 0 ? "" : `. ${command.name()} has ${own.join(", ")}`;
  const text = command.registeredArguments.length === 0 ? "" : ". If it is no option, put -- before it";
  return `unknown option '${typed}'${meant === undefined ? list + text : `. Did you mean ${meant}?`}`;
}

/** Lets a command, and those in it, say what was mistyped and end here. @param typed what people type for it. */
function end(command: Command, typed: string): void {
  const hint = `${typed} --help shows how`;
  command.exitOverride().configureOutput({
    outputError: (text, report) =>
      report(
        oneLine(
          text.replace(UNKNOWN_OPTION, (_, name) => unknown(command, name)),
          hint,
        ),
      ),
  });
  for (const each of command.commands) end(each, `${typed} ${each.name()}`);
}

/** Turns commander's error message into one line, like all our errors. */
function oneLine(text: string, hint: string): string {
  const said = text
    .trim()
    .replace(/^error: /, "")
    .replace(/^command-argument value '(.*)' is invalid for argument '(\w+)'\./s, '"$1" is not valid for <$2>.')
    .replaceAll("\n", " ");
  const sentence = `${said} (${hint})`;
  // The options may not be parsed yet.
  if (process.argv.includes("--json")) return `${JSON.stringify({ error: sentence, exitCode: EXIT.usage })}\n`;
  return `plainchat: ${sentence}\n`;
}

/** Prints what went wrong. @returns the exit code. */
function endWith(error: unknown, json: boolean): number {
  // Commander has printed it already. Asking for help is not a mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  const { sentence, exitCode } = outcomeOf(error);
  if (json) tell(JSON.stringify({ error: sentence, exitCode }));
  else if (sentence !== "") tell(`plainchat: ${sentence}`);
  if (exitCode === EXIT.bug && error instanceof Error) tell(error.stack ?? "");
  return exitCode;
}
