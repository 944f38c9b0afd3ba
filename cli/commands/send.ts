/**
 * plainchat send HANDLE MESSAGE: send a message.
 */
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { CliError, EXIT } from "../cli-error.ts";
import { examples, print, whoRuns } from "../context.ts";

export function addSend(program: Command): void {
  program
    .command("send")
    .summary("send a message")
    .description("Sends a message. When the command ends, the message is on the server's disk.")
    .argument("<handle>", "to whom")
    .argument("[message...]", "what; without it, what comes through standard input")
    .addHelpText(
      "after",
      examples(
        ["send grace hello", "one word"],
        ['send grace "hello, how are you?"', "in quotes, so that the shell leaves it alone"],
        ["send grace < poem.txt", "what is in a file"],
      ),
    )
    .action(async (userHandle: string, words: string[], _options: object, command: Command) => {
      const { client } = await whoRuns(command);
      const message = words.length > 0 ? words.join(" ") : await messageFromInput();
      const sent = await client.publishMessage({ userHandle, message });
      print(command, sent, `Sent to ${userHandle}: message ${sent.messageId}.`);
    });
}

async function messageFromInput(): Promise<string> {
  if (process.stdin.isTTY) throw new CliError("The message is missing: plainchat send HANDLE MESSAGE", EXIT.usage);
  return (await text(process.stdin)).replace(/\r?\n$/, "");
}
