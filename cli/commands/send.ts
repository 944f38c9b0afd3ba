/**
 * plainchat send HANDLE MESSAGE: sends a message.
 */
import { buffer } from "node:stream/consumers";
import type { Command } from "commander";
import { CliError, EXIT } from "../cli-error.ts";
import { examples, print } from "../context.ts";
import { LAUNCHER } from "../launcher.ts";
import { mustBeWords, textOf, textOfWords, withUnixLineBreaks } from "../message-text.ts";
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
      const message = words.length > 0 ? textOfWords(words) : await messageFromInput();
      const sent = await client.publishMessage({ userHandle, message });
      print(command, sent, `Sent to ${userHandle}: message ${sent.messageId}.`);
    });
}

async function messageFromInput(): Promise<string> {
  if (process.stdin.isTTY) throw new CliError(`The message is missing: ${LAUNCHER} send HANDLE MESSAGE`, EXIT.usage);
  return withUnixLineBreaks(textOf(await buffer(process.stdin), "Standard input")).replace(/\n$/, "");
}
