/**
 * plainchat delete ID: remove a message, or take back one that one has sent.
 */
import type { Command } from "commander";
import { examples, print, wholeNumber, whoRuns } from "../context.ts";

export function addDelete(program: Command): void {
  program
    .command("delete")
    .summary("remove a message")
    .description("Removes messages that you got, or takes back those that you sent: they are gone for both of you.")
    .argument("<ids...>", "the numbers of the messages", (text: string, before: number[] = []) => [
      ...before,
      wholeNumber(text),
    ])
    .addHelpText("after", examples(["delete 17", "message 17"], ["delete 17 18 19", "three of them"]))
    .action(async (messageIds: number[], _options: object, command: Command) => {
      const { client } = await whoRuns(command);
      for (const messageId of messageIds) await client.removeMessage({ messageId });
      const text = messageIds.length === 1 ? `Message ${messageIds[0]} is gone.` : "The messages are gone.";
      print(command, { messageIds }, text);
    });
}
