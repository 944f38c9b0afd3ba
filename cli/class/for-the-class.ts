/**
 * What the teacher does for the whole class: plainchat class teacher, pause, resume, texts, board, lesson, say and take-down.
 */
import { Argument, type Command } from "commander";
import { ChatError } from "../../client/chat-error.ts";
import { LESSONS } from "../../server/steps/limits.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { count, examples, messageNumberFrom, print, wholeNumberFrom } from "../context.ts";
import { LAUNCHER } from "../launcher.ts";
import { messageFrom, mustBeWords } from "../message-text.ts";
import { asTeacher } from "./as-teacher.ts";

export function addCommandsForTheClass(group: Command): void {
  addPause(group);
  addTexts(group);
  addBoard(group);
  addLesson(group);
  addSay(group);
  addTakeDown(group);
}

function addPause(group: Command): void {
  for (const { name, isPaused, summary, description, done } of [
    {
      name: "pause",
      isPaused: true,
      summary: "stop everybody from sending",
      description: "Nobody but you can send or edit messages, and everybody is told so.",
      done: `The class is paused. ${LAUNCHER} class resume lets it go on.`,
    },
    {
      name: "resume",
      isPaused: false,
      summary: "let everybody send again",
      description: "Everybody can send and edit messages again, but for those who are muted.",
      done: "The class goes on.",
    },
  ]) {
    group
      .command(name)
      .summary(summary)
      .description(description)
      .addHelpText("after", examples([`class ${name}`, summary]))
      .action(async (_options: object, command: Command) => {
        const state = await asTeacher(command, (teacher) => teacher.changeClass({ isPaused }));
        print(command, state, done);
      });
  }
}

function addTexts(group: Command): void {
  group
    .command("texts")
    .summary("show or cover the texts of messages")
    .description(
      "The wall and the glass cover the texts of messages: (12 characters). This shows them to everybody. The pupils are " +
        "told so.",
    )
    .addArgument(new Argument("<what>", "show or hide the texts").choices(["show", "hide"]))
    .addHelpText(
      "after",
      examples(["class texts show", "everybody can read everything"], ["class texts hide", "cover them again"]),
    )
    .action(async (what: "show" | "hide", _options: object, command: Command) => {
      const showsTexts = what === "show";
      const state = await asTeacher(command, (teacher) => teacher.changeClass({ showsTexts }));
      print(command, state, `The wall and the glass ${showsTexts ? "show" : "cover"} the texts of messages.`);
    });
}

function addBoard(group: Command): void {
  group
    .command("board")
    .summary("show or hide who has passed which lesson")
    .description(
      "The wall can show a board: the lessons of the course across, the pupils down. Everybody sees it then. A pupil whom " +
        "you have hidden is not on it.",
    )
    .addArgument(new Argument("<what>", "show or hide the board").choices(["show", "hide"]))
    .addHelpText(
      "after",
      examples(
        ["class board show", "everybody sees who has passed what"],
        ["class board hide", "take it off the wall"],
      ),
    )
    .action(async (what: "show" | "hide", _options: object, command: Command) => {
      const showsBoard = what === "show";
      const state = await asTeacher(command, (teacher) => teacher.changeClass({ showsBoard }));
      print(command, state, `The wall ${showsBoard ? "shows" : "does not show"} who has passed which lesson.`);
    });
}

function addLesson(group: Command): void {
  group
    .command("lesson")
    .summary("choose the lesson")
    .description("Chooses the lesson that the class is at.")
    .argument(
      "<n>",
      `the number of the lesson, ${LESSONS.min} to ${LESSONS.max}`,
      wholeNumberFrom(LESSONS.min, LESSONS.max),
    )
    .addHelpText("after", examples(["class lesson 3", "the class is at lesson 3"]))
    .action(async (lesson: number, _options: object, command: Command) => {
      const state = await asTeacher(command, (teacher) => teacher.changeClass({ lesson }));
      print(command, state, `The class is at lesson ${lesson}.`);
    });
}

function addSay(group: Command): void {
  group
    .command("say")
    .summary("write to everybody")
    .description("Sends a message to each pupil. Everybody sees that it is from the teacher, and to all.")
    .argument("[message...]", "the text; without it, the text is read from standard input")
    .allowUnknownOption()
    .addHelpText(
      "after",
      examples(
        ['class say "Look at the wall, please."', "write to everybody"],
        ["class say < task.txt", "send the text of a file"],
      ),
    )
    .action(async (words: string[], _options: object, command: Command) => {
      mustBeWords(words);
      const message = await messageFrom(words, "class say MESSAGE");
      const sent = await asTeacher(command, (teacher) => teacher.writeToAll({ message }).catch(mustHaveTeacher));
      print(command, sent, `Sent to ${count(sent.recipients, "pupil")}.`);
    });
}

/** The server names a request, and here people type commands. */
function mustHaveTeacher(error: unknown): never {
  if (!(error instanceof ChatError) || error.status !== 409) throw error;
  throw new CliError(`You need a name first, as the teacher: ${LAUNCHER} class teacher HANDLE`, EXIT.refused);
}

function addTakeDown(group: Command): void {
  group
    .command("take-down")
    .summary("remove a message, whoever wrote it")
    .description("Removes a message from the wall, from all pages and from both queues. You cannot undo this.")
    .argument("<id>", "the number of the message, as the wall and the glass show it", messageNumberFrom(1))
    .addHelpText("after", examples(["class take-down 17", "remove message 17"]))
    .action(async (messageId: number, _options: object, command: Command) => {
      const gone = await asTeacher(command, (teacher) => teacher.takeDownMessage({ messageId }));
      print(command, gone, `Message ${messageId} is gone for everybody.`);
    });
}
