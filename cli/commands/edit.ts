/**
 * plainchat edit ID MESSAGE: changes the text of a message that you sent.
 */
import type { Command } from "commander";
import { examples, messageNumberFrom, print } from "../context.ts";
import { LAUNCHER } from "../launcher.ts";
import { mustBeWords, textOfWords } from "../message-text.ts";
import { whoRuns } from "../somebody.ts";

export function addEdit(program: Command): void {
  program
    .command("edit")
    .summary("change a message that you sent")
    .description(`Changes the text of a message that you sent. ${LAUNCHER} inbox --box sent shows the numbers.`)
    .argument("<id>", "the number of the message", messageNumberFrom(1))
    .argument("<message...>", "the new text")
    .allowUnknownOption()
    .addHelpText("after", examples(['edit 17 "hello, Grace"', "give message 17 a new text"]))
    .action(async (messageId: number, words: string[], _options: object, command: Command) => {
      mustBeWords(words);
      const { client } = await whoRuns(command);
      const edited = await client.editMessage({ messageId, message: textOfWords(words) });
      print(command, edited, `Message ${messageId} has its new text.`);
    });
}
