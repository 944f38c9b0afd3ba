/**
 * plainchat chat HANDLE: talk to somebody, live. What comes in stands above the line that one is typing, and the line
 * stays as it is; what one sends appears when the server has it on its disk, as it appears on the other side.
 */
import type { Command } from "commander";
import type { ChatError } from "../../client/chat-error.ts";
import type { ChatEvent } from "../../client/types.ts";
import { examples, type Somebody, whoRuns } from "../context.ts";
import { Conversation } from "../conversation.ts";
import { LivePrompt } from "../live-prompt.ts";

export function addChat(program: Command): void {
  program
    .command("chat")
    .summary("talk, live")
    .description("Shows what comes, as it comes, and sends what you type. /help says what else you can type.")
    .argument("[handle]", "to whom; /to HANDLE chooses somebody else")
    .addHelpText(
      "after",
      examples(["chat grace", "talk to grace; Ctrl-C ends it"], ["chat", "listen first, choose somebody with /to"]),
    )
    .action(async (partner: string | undefined, _options: object, command: Command) => {
      const somebody = await whoRuns(command);
      if (partner !== undefined) await somebody.client.lookUpUser({ userHandle: partner });
      await chat(somebody, partner);
    });
}

async function chat(somebody: Somebody, partner: string | undefined): Promise<void> {
  const leaving = new AbortController();
  const prompt = new LivePrompt(() => leaving.abort());
  const conversation = new Conversation(somebody, partner, prompt, leaving.signal);
  try {
    await conversation.showRecent();
    const both = [listen(somebody, conversation, leaving.signal), conversation.talk()];
    // Whichever ends first ends the other one, too.
    await Promise.race(both).finally(() => {
      leaving.abort();
      prompt.close();
    });
    await Promise.all(both);
  } catch (error) {
    // Ctrl-C while it was loading.
    if (error !== leaving.signal.reason) throw error;
  } finally {
    prompt.close();
  }
  console.log("You have left the chat. What comes for you waits in your inbox.");
}

async function listen({ client }: Somebody, conversation: Conversation, signal: AbortSignal): Promise<void> {
  const onConnection = (state: "open" | "lost", error?: ChatError) => conversation.connection(state, error);
  const events = client.listen({ box: "both", after: conversation.listenAfter, signal, onConnection });
  for await (const event of events satisfies AsyncIterable<ChatEvent>) conversation.hear(event);
}
