/**
 * plainchat chat HANDLE: a live chat. New messages appear above the line that you are typing, and the line stays as it
 * is. Your own message appears when it is on the server's disk, in the same way as the other person sees it.
 */
import type { Command } from "commander";
import { examples } from "../context.ts";
import { whoRuns } from "../somebody.ts";

export function addChat(program: Command): void {
  program
    .command("chat")
    .summary("chat with somebody, live")
    .description("Shows messages as they arrive and sends what you type. Type /help in the chat for more.")
    .argument("[handle]", "who to talk to; in the chat, /to HANDLE chooses somebody else")
    .addHelpText(
      "after",
      examples(
        ["chat grace", "talk to grace; Ctrl-C ends it"],
        ["chat", "only listen at first, then choose somebody with /to"],
      ),
    )
    .action(async (userHandle: string | undefined, _options: object, command: Command) => {
      const { chat } = await import("../chat/live-chat.ts");
      const somebody = await whoRuns(command);
      if (userHandle === undefined) await chat(somebody, undefined);
      else await chat(somebody, { userHandle, ...(await somebody.client.lookUpUser({ userHandle })) });
    });
}
