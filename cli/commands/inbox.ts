/**
 * plainchat inbox: prints your messages.
 */
import { type Command, Option } from "commander";
import type { Box } from "../../client/types.ts";
import { examples, messageNumberFrom, print, wholeNumberFrom } from "../context.ts";
import { Names, showMessage } from "../show.ts";
import { whoRuns } from "../somebody.ts";
import { joined } from "../styled.ts";

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
    .description("Prints your newest messages, the newest last. Reading does not remove them.")
    .option("--from <handle>", "only messages from or to this user")
    .addOption(new Option("--box <box>", "which messages").choices(["received", "sent", "both"]).default("received"))
    .option("--last <n>", "how many, 1 to 200", wholeNumberFrom(1, 200), 20)
    .option("--after <id>", "only messages after this one, the oldest first", messageNumberFrom(0))
    .option("--wait <seconds>", "if there is no message, wait this long for one, 0 to 60", wholeNumberFrom(0, 60))
    .addHelpText(
      "after",
      examples(
        ["inbox", "show the last 20"],
        ["inbox --from grace --box both", "show a conversation"],
        ["inbox --after 17 --wait 60", "show new messages, or wait a minute for one"],
        ["inbox --json", "print JSON for a program"],
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
      const names = new Names();
      const lines = reply.messages.map((message) => showMessage(message, identity.myId, names));
      print(command, reply, lines.length === 0 ? "There are no messages." : joined(lines));
    });
}
