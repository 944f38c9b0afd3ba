/**
 * plainchat class …: what the teacher does, in the terminal. Each command is in cli/class/.
 */
import { type Command, Option } from "commander";
import { addCommandsAboutPupils } from "../class/about-one-pupil.ts";
import { addArchives } from "../class/archives.ts";
import { addTeacher } from "../class/become-teacher.ts";
import { addCommandsForTheClass } from "../class/for-the-class.ts";
import { addKeys } from "../class/keys.ts";
import { addPupils } from "../class/pupils.ts";
import { examples } from "../context.ts";
import { LAUNCHER } from "../launcher.ts";
import { addRootOption } from "../root-option.ts";

export function addClass(program: Command): void {
  const group = addRootOption(program.command("class"))
    .summary("lead a class, as the teacher")
    .description(
      "Leads a class on a server in class mode. On the server's computer, the teacher's key comes from the data folder. For " +
        "a server on another computer, set PLAINCHAT_TEACHER_KEY and use --url.",
    )
    .addOption(
      new Option("--key <key>", "the teacher's key, or the whole address of the teacher's page")
        .env("PLAINCHAT_TEACHER_KEY")
        .argParser(hidden),
    )
    .addHelpText(
      "after",
      `${examples(
        ["class pupils", "see who needs help"],
        ["class pause", "stop everybody from sending"],
        ['class say "Look at the wall, please."', "write to everybody"],
        ["class code ada", "let ada in again, who has lost the token"],
      )}\n${LAUNCHER} class mute --help shows how to use one of them.\n`,
    );
  addKeys(group);
  addTeacher(group);
  addPupils(group);
  addCommandsForTheClass(group);
  addCommandsAboutPupils(group);
  addArchives(group);
}

/** What is typed after --key is in the list of processes, which everybody on the computer can see: this takes it away. */
function hidden(key: string): string {
  process.title = "plainchat class";
  return key;
}
