/**
 * plainchat delete ID: remove a message, or take back one that one has sent.
 */
import type { Command } from "commander";
import { ChatError } from "../../client/chat-error.ts";
import { CliError, EXIT } from "../cli-error.ts";
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
      const gone: number[] = [];
      const missing: number[] = [];
      for (const messageId of messageIds) {
        try {
          await client.removeMessage({ messageId });
          gone.push(messageId);
        } catch (error) {
          // One that is not there keeps nobody from removing the others; a server that is not there does.
          if (!(error instanceof ChatError) || error.status !== 404) throw error;
          missing.push(messageId);
        }
      }
      if (gone.length > 0)
        print(command, { messageIds: gone }, `${numbered(gone)} ${gone.length === 1 ? "is" : "are"} gone.`);
      if (missing.length === 0) return;
      throw new CliError(`There is no ${numbered(missing).toLowerCase()}, to you or from you`, EXIT.refused);
    });
}

function numbered(ids: number[]): string {
  return `Message${ids.length === 1 ? "" : "s"} ${ids.join(", ")}`;
}
