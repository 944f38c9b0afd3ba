/**
 * plainchat send HANDLE MESSAGE: sends a message.
 */
import type { Command } from "commander";
import { examples, print } from "../context.ts";
import { messageFrom, mustBeWords } from "../message-text.ts";
import { whoRuns } from "../somebody.ts";

export function addSend(program: Command): void {
  program
    .command("send")
    .summary("send a message")
    .description("Sends a message. When the command ends, the message is on the server's disk.")
    .argument("<handle>", "who gets it")
    .argument("[message...]", "the text; without it, the text is read from standard input")
    // "- item" and "-> here" are text.
    .allowUnknownOption()
    .addHelpText(
      "after",
      examples(
        ["send grace hello", "send one word"],
        ['send grace "hello, how are you?"', "use quotes, so that the shell does not change the text"],
        ["send grace < poem.txt", "send the text of a file"],
        ["send grace -- --help", "send a text that looks like an option"],
      ),
    )
    .action(async (userHandle: string, words: string[], _options: object, command: Command) => {
      mustBeWords([userHandle, ...words]);
      const { client } = await whoRuns(command);
      const message = await messageFrom(words, "send HANDLE MESSAGE");
      const sent = await client.publishMessage({ userHandle, message });
      print(command, sent, `Sent to ${userHandle}: message ${sent.messageId}.`);
    });
}
