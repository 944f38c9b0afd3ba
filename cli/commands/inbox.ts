/**
 * plainchat inbox: read one's messages.
 */
import { type Command, Option } from "commander";
import type { Box } from "../../client/types.ts";
import { examples, print, wholeNumber, wholeNumberFrom, whoRuns } from "../context.ts";
import { showMessage } from "../show.ts";

interface Options {
  from?: string;
  box: Box;
  last: number;
  after?: number;
  wait?: number;
}

const GREATEST_ID = Number.MAX_SAFE_INTEGER;

export function addInbox(program: Command): void {
  program
    .command("inbox")
    .summary("read your messages")
    .description("Prints your newest messages, the newest last. Reading removes nothing.")
    .option("--from <handle>", "only messages with this user")
    .addOption(new Option("--box <box>", "which messages").choices(["received", "sent", "both"]).default("received"))
    .option("--last <n>", "how many, 1 to 200", wholeNumberFrom(1, 200), 20)
    .option("--after <id>", "only those behind this message, beginning with the oldest of them", wholeNumber)
    .option("--wait <seconds>", "where there is none, wait so long for one (0 to 60)", wholeNumberFrom(0, 60))
    .addHelpText(
      "after",
      examples(
        ["inbox", "the last 20"],
        ["inbox --from grace --box both", "a conversation"],
        ["inbox --after 17 --wait 60", "what is new, or what comes within a minute"],
        ["inbox --json", "for a program"],
      ),
    )
    .action(async ({ from, box, last, after, wait }: Options, command: Command) => {
      const { client, identity } = await whoRuns(command);
      const reply = await client.fetchQueue({
        ...(from !== undefined && { userHandle: from }),
        box,
        limit: last,
        ...(after === undefined ? { before: GREATEST_ID } : { after }),
        ...(wait !== undefined && { wait }),
      });
      const lines = reply.messages.map((message) => showMessage(message, identity.myId));
      print(command, reply, lines.length === 0 ? "There are no messages." : lines.join("\n"));
    });
}
