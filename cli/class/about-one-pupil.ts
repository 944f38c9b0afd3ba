/**
 * What the teacher does about one pupil: plainchat class mute, unmute, hide, unhide, hand-down, rename, code and remove.
 */
import type { Command } from "commander";
import type { PupilState } from "../../client/teacher-types.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { canAsk, examples, isMeant, print } from "../context.ts";
import { commandLine } from "../shell-word.ts";
import { timeOf } from "../show.ts";
import { joined, line, style } from "../styled.ts";
import { asTeacher, pupilNamed } from "./as-teacher.ts";

const HANDLE = "the pupil, by handle or by number, as class pupils shows them";

/** Commands that change one fact about a pupil. */
const CHANGES: readonly {
  name: string;
  summary: string;
  description: string;
  changed: Partial<PupilState>;
  done: string;
}[] = [
  {
    name: "mute",
    summary: "stop a pupil from sending",
    description: "The pupil can no longer send or edit messages, and is told so. Reading goes on.",
    changed: { isMuted: true },
    done: "is muted",
  },
  {
    name: "unmute",
    summary: "let a pupil send again",
    description: "The pupil can send and edit messages again.",
    changed: { isMuted: false },
    done: "can send again",
  },
  {
    name: "hide",
    summary: "hide a pupil from the wall",
    description: "The wall no longer shows the pupil's name and requests.",
    changed: { isHidden: true },
    done: "is not on the wall any more",
  },
  {
    name: "unhide",
    summary: "show a pupil on the wall again",
    description: "The wall shows the pupil's name and requests again.",
    changed: { isHidden: false },
    done: "is on the wall again",
  },
  {
    name: "hand-down",
    summary: "take a pupil's hand down",
    description: "Takes the pupil's hand down, because you have helped.",
    changed: { isHandUp: false },
    done: "has the hand down",
  },
];

export function addCommandsAboutPupils(group: Command): void {
  for (const { name, summary, description, changed, done } of CHANGES) {
    group
      .command(name)
      .summary(summary)
      .description(description)
      .argument("<handle>", HANDLE)
      .addHelpText("after", examples([`class ${name} ada`, summary]))
      .action(async (typed: string, _options: object, command: Command) => {
        const pupil = await asTeacher(command, async (teacher) => {
          const { userId } = await pupilNamed(teacher, typed);
          return teacher.changePupil({ userId, ...changed });
        });
        print(command, pupil, line`${pupil.userHandle} ${done}.`);
      });
  }
  addRename(group);
  addCode(group);
  addRemove(group);
}

function addRename(group: Command): void {
  group
    .command("rename")
    .summary("give a pupil another handle")
    .description("Gives a pupil another handle. Messages that the pupil sent before keep the old one.")
    .argument("<old>", HANDLE)
    .argument("<new>", "the new handle, 3 to 64 characters")
    .addHelpText("after", examples(["class rename xX-king-Xx hannah", "give a pupil another handle"]))
    .action(async (typed: string, userHandle: string, _options: object, command: Command) => {
      const { before, pupil } = await asTeacher(command, async (teacher) => {
        const found = await pupilNamed(teacher, typed);
        return { before: found.userHandle, pupil: await teacher.changePupil({ userId: found.userId, userHandle }) };
      });
      print(command, pupil, line`${before} is now called ${pupil.userHandle}.`);
    });
}

function addCode(group: Command): void {
  group
    .command("code")
    .summary("let a pupil in again who has lost the token")
    .description(
      "Makes a code with which a pupil who has lost the token comes back. It counts once, and for ten minutes. From " +
        "then on, the old token is invalid.",
    )
    .argument("<handle>", HANDLE)
    .addHelpText("after", examples(["class code ada", "make a code for ada"]))
    .action(async (typed: string, _options: object, command: Command) => {
      const made = await asTeacher(command, async (teacher) => {
        const { userId } = await pupilNamed(teacher, typed);
        return teacher.makeRejoinCode({ userId });
      });
      const { userHandle, code, validUntil } = made;
      const text = joined([
        line`${style("bold", code)}`,
        line`It counts once, until ${timeOf(validUntil)}. In the terminal, ${userHandle} types: ${commandLine("rejoin", [userHandle, code])}`,
      ]);
      print(command, made, text);
    });
}

function addRemove(group: Command): void {
  group
    .command("remove")
    .summary("remove a pupil")
    .description(
      "Removes a pupil, as if the pupil had left: the token stops working, the queue is deleted, and the handle is free. " +
        "You cannot undo this. The pupil can register again with the class secret.",
    )
    .argument("<handle>", HANDLE)
    .option("--yes", "do not ask")
    .addHelpText("after", examples(["class remove ada", "ask first"], ["class remove ada --yes", "do not ask"]))
    .action(async (typed: string, { yes }: { yes?: true }, command: Command) => {
      const { userHandle, userId } = await asTeacher(command, async (teacher) => {
        const pupil = await pupilNamed(teacher, typed);
        if (yes !== true && !(await isRemovalMeant(pupil.userHandle, pupil.userId))) {
          throw new CliError("Nothing was done", EXIT.usage);
        }
        await teacher.removePupil({ userId: pupil.userId });
        return pupil;
      });
      print(command, { userId, userHandle }, line`${userHandle} is removed.`);
    });
}

function isRemovalMeant(userHandle: string, userId: number): Promise<boolean> {
  if (!canAsk()) throw new CliError(`This removes ${userHandle} for ever. If you are sure, add --yes`, EXIT.usage);
  return isMeant(`Remove ${userHandle} (user ${userId}) and all messages to ${userHandle} for ever?`);
}
