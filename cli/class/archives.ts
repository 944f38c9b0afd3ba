/**
 * What the teacher does at the end of a lesson: plainchat class export, end, archives and open.
 */
import { createWriteStream } from "node:fs";
import { stat, unlink } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { setTimeout } from "node:timers/promises";
import type { Command } from "commander";
import { visibleInLine } from "../../check/report/visible.ts";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import type { TeacherClient } from "../../client/teacher-client.ts";
import type { Archive } from "../../client/teacher-types.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { canAsk, count, examples, isMeant, print } from "../context.ts";
import { LAUNCHER } from "../launcher.ts";
import { timeOf } from "../show.ts";
import { PATIENCE } from "../somebody.ts";
import { joined, line, type Styled } from "../styled.ts";
import { asTeacher, whereTheClassIs } from "./as-teacher.ts";

/** How long the server may take to open its folder again. It lets requests end first. */
const PATIENCE_MILLISECONDS = 15_000;
const BETWEEN_MILLISECONDS = 100;

export function addArchives(group: Command): void {
  addExport(group);
  addEnd(group);
  addList(group);
  addOpen(group);
}

function addExport(group: Command): void {
  group
    .command("export")
    .summary("save everything that the class has written, as a zip")
    .description(
      "Saves people, messages and progress as tables and as a page to read, in one zip. There are no tokens in it, but " +
        "everything that people have written to each other. Keep it where only you can read it.",
    )
    .argument("[file]", "the name of the zip; without it, plainchat-DATE.zip in this folder")
    .addHelpText("after", examples(["class export", "in this folder"], ["class export 9b.zip", "under another name"]))
    .action(async (typed: string | undefined, _options: object, command: Command) => {
      const file = resolve(typed ?? `plainchat-${new Date().toISOString().slice(0, 10)}.zip`);
      const bytes = await asTeacher(command, (teacher) => save(teacher, file));
      print(command, { file, bytes }, line`Saved as ${file} (${Math.ceil(bytes / 1024)} KiB).`);
    });
}

/** @returns how many bytes it has. A file that is there already is kept, and half a file is not. */
async function save(teacher: TeacherClient, file: string): Promise<number> {
  const { body } = await teacher.exportClass();
  // Only its owner may read it.
  const out = createWriteStream(file, { flags: "wx", mode: 0o600 });
  let isOpen = false;
  out.once("open", () => {
    isOpen = true;
  });
  try {
    await pipeline(Readable.fromWeb(body as ReadableStream), out);
  } catch (error) {
    if (isOpen) await unlink(file);
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      throw new CliError(`${file} is there already. Remove it first, or choose another name`, EXIT.usage);
    }
    throw new CliError(`The class could not be saved: ${error instanceof Error ? error.message : error}`, EXIT.refused);
  }
  return (await stat(file)).size;
}

function addEnd(group: Command): void {
  group
    .command("end")
    .summary("end the lesson: put this class away, and begin a new one")
    .description(
      "Puts everybody and everything in this class away, and begins a new class with nobody in it. Nothing is removed: " +
        "class open brings the class back. Pupils who are here have to join the new class, with a new class secret.",
    )
    .option("--label <text>", "what you call this class, such as 9b")
    .option("--yes", "do not ask")
    .addHelpText("after", examples(['class end --label "9b, Monday"', "put the class away under this name"]))
    .action(async ({ label, yes }: { label?: string; yes?: true }, command: Command) => {
      const ended = await asTeacher(command, async (teacher) => {
        const { pupils } = await teacher.listPupils();
        await mustBeMeant(yes, `Put this class (${count(pupils.length, "pupil")}) away, and begin a new one?`);
        const url = whereTheClassIs(command);
        return changing(url, () => teacher.endClass(label === undefined ? {} : { label }));
      });
      print(
        command,
        ended,
        joined([
          line`The class is put away as ${ended.archive}, and a new class begins. Its class secret is new, too: the wall shows it.`,
          line`To bring the class back: ${LAUNCHER} class open ${ended.archive}`,
        ]),
      );
    });
}

function addList(group: Command): void {
  group
    .command("archives")
    .summary("list the classes that were put away")
    .description(
      "Lists the classes that were put away. Each is a folder in archive/, in the data folder of the server, or a schema " +
        "of its database.",
    )
    .addHelpText("after", examples(["class archives", "list them"]))
    .action(async (_options: object, command: Command) => {
      const listed = await asTeacher(command, (teacher) => teacher.listArchives());
      const none = "No class was put away yet.";
      print(command, listed, listed.archives.length === 0 ? none : joined(listed.archives.map(lineOf)));
    });
}

function lineOf({ archive, label, endedAt, userCount, messageCount }: Archive): Styled {
  const facts = [
    ...(label === undefined ? [] : [visibleInLine(label)]),
    ...(endedAt === undefined ? [] : [`ended ${timeOf(endedAt)}`]),
    ...(userCount === undefined ? [] : [count(userCount, "user")]),
    ...(messageCount === undefined ? [] : [count(messageCount, "message")]),
  ];
  return line`${archive}  ${facts.join(", ")}`;
}

function addOpen(group: Command): void {
  group
    .command("open")
    .summary("open a class again that was put away")
    .description(
      "Brings a class back, with its people, their tokens, messages and the class secret. The class that is there now is " +
        "put away first.",
    )
    .argument("<archive>", "its name or its label, as class archives shows them")
    .option("--label <text>", "what you call the class that is put away")
    .option("--yes", "do not ask")
    .addHelpText("after", examples(['class open "9b, Monday"', "go on with this class"]))
    .action(async (typed: string, { label, yes }: { label?: string; yes?: true }, command: Command) => {
      const opened = await asTeacher(command, async (teacher) => {
        const archive = archiveNamed((await teacher.listArchives()).archives, typed);
        const { pupils } = await teacher.listPupils();
        await mustBeMeant(yes, `Put the present class (${count(pupils.length, "pupil")}) away, and open ${typed}?`);
        const url = whereTheClassIs(command);
        return changing(url, () => teacher.openArchive({ archive, ...(label !== undefined && { label }) }));
      });
      const text = line`${opened.archive} is the class now. The other one is put away as ${opened.putAway}.`;
      print(command, opened, text);
    });
}

/** @returns the name of its folder. @throws {CliError} when there is none, or more than one. */
function archiveNamed(archives: readonly Archive[], typed: string): string {
  const named = archives.find(({ archive }) => archive === typed);
  const labelled = archives.filter(({ label }) => label?.normalize() === typed.normalize());
  if (named === undefined && labelled.length > 1) {
    const names = labelled.map(({ archive }) => archive).join(", ");
    throw new CliError(
      `${labelled.length} classes are called "${typed}". Choose one by its name: ${names}`,
      EXIT.refused,
    );
  }
  const found = named ?? labelled[0];
  if (found !== undefined) return found.archive;
  throw new CliError(`There is no archive "${typed}". ${LAUNCHER} class archives lists them`, EXIT.refused);
}

/** @throws {CliError} if it is not. */
async function mustBeMeant(yes: true | undefined, message: string): Promise<void> {
  if (yes === true) return;
  if (!canAsk()) throw new CliError("Everybody in the class has to join again. If you are sure, add --yes", EXIT.usage);
  if (await isMeant(message)) return;
  throw new CliError("Nothing was done", EXIT.usage);
}

/** Waits until the server has opened its folder again, so that the next command meets the other class. */
async function changing<Result>(url: string, change: () => Promise<Result>): Promise<Result> {
  const client = new PlainchatClient(url, { ...PATIENCE, attempts: 1 });
  const tag = () => client.readClass().then(({ folder }) => folder);
  const before = await tag();
  const result = await change();
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  while (performance.now() < deadline && (await tag().catch(() => before)) === before)
    await setTimeout(BETWEEN_MILLISECONDS);
  return result;
}
