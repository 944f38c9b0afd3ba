/**
 * plainchat chat HANDLE: a live chat. New messages appear above the line that you are typing, and the line stays as it
 * is. Your own message appears when it is on the server's disk, in the same way as the other person sees it.
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
    // When one of them ends, the other one ends too.
    await Promise.race(both).finally(() => {
      leaving.abort();
      prompt.close();
    });
    await Promise.all(both);
  } catch (error) {
    // Ctrl-C while the chat was loading is no error.
    if (error !== leaving.signal.reason) throw error;
  } finally {
    prompt.close();
  }
  console.log("You have left the chat. New messages wait in your inbox.");
}

async function listen({ client }: Somebody, conversation: Conversation, signal: AbortSignal): Promise<void> {
  const onConnection = (state: "open" | "lost", error?: ChatError) => conversation.connection(state, error);
  const events = client.listen({ box: "both", after: conversation.listenAfter, signal, onConnection });
  for await (const event of events satisfies AsyncIterable<ChatEvent>) conversation.hear(event);
}
