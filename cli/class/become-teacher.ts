/**
 * plainchat class teacher HANDLE: registers the teacher as a user whom everybody knows as the teacher, and saves the token
 * on this computer, so that send, inbox and chat work, too.
 */
import type { Command } from "commander";
import { examples } from "../context.ts";
import { register } from "../new-identity.ts";
import { asTeacher, whereTheClassIs } from "./as-teacher.ts";

export function addTeacher(group: Command): void {
  group
    .command("teacher")
    .summary("get a name as the teacher")
    .description(
      "Registers you as the teacher and saves the token on this computer. Everybody sees that your messages are from " +
        "the teacher. If the class has a teacher already, this saves that one's token.",
    )
    .argument("<handle>", "the name you want, 3 to 64 characters")
    .option("--replace", "replace the identity with this name on this computer")
    .addHelpText("after", examples(["class teacher ms-hopper", "be ms-hopper, the teacher"]))
    .action(async (userHandle: string, { replace }: { replace?: true }, command: Command) => {
      await register(command, {
        userHandle,
        url: whereTheClassIs(command),
        mayReplace: () => replace === true,
        send: () => asTeacher(command, (teacher) => teacher.becomeTeacher({ userHandle })),
      });
    });
}
