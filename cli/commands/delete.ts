/**
 * plainchat delete ID: deletes a message that you received or sent.
 */
import type { Command } from "commander";
import { ChatError } from "../../client/chat-error.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { examples, messageNumberFrom, print } from "../context.ts";
import { whoRuns } from "../somebody.ts";

export function addDelete(program: Command): void {
  const numberOf = messageNumberFrom(1);
  program
    .command("delete")
    .summary("delete a message")
    .description("Deletes messages that you received or sent. They are gone for both of you.")
    .argument("<ids...>", "the numbers of the messages", (text: string, before: number[] = []) => [
      ...before,
      numberOf(text),
    ])
    .addHelpText("after", examples(["delete 17", "delete message 17"], ["delete 17 18 19", "delete three messages"]))
    .action(async (messageIds: number[], _options: object, command: Command) => {
      const { client } = await whoRuns(command);
      const gone: number[] = [];
      const missing: number[] = [];
      for (const messageId of messageIds) {
        try {
          await client.removeMessage({ messageId });
          gone.push(messageId);
        } catch (error) {
          // If a message does not exist, the others can still be deleted. If the server is away, they cannot.
          if (!(error instanceof ChatError) || error.status !== 404) throw error;
          missing.push(messageId);
        }
      }
      if (gone.length > 0)
        print(command, { messageIds: gone }, `${numbered(gone)} ${gone.length === 1 ? "is" : "are"} deleted.`);
      if (missing.length === 0) return;
      throw new CliError(`You have no ${numbered(missing).toLowerCase()}, neither received nor sent`, EXIT.refused);
    });
}

function numbered(ids: number[]): string {
  return `Message${ids.length === 1 ? "" : "s"} ${ids.join(", ")}`;
}
