/**
 * plainchat chat HANDLE: a live chat. New messages appear above the line that you are typing, and the line stays as it
 * is. Your own message appears when it is on the server's disk, in the same way as the other person sees it.
 */
import type { Command } from "commander";
import type { ChatError } from "../../client/chat-error.ts";
import type { ChatEvent } from "../../client/types.ts";
import { Conversation, type Partner } from "../chat/conversation.ts";
import { LivePrompt } from "../chat/live-prompt.ts";
import { PipedLines } from "../chat/piped-lines.ts";
import { examples } from "../context.ts";
import { nobodyReads, say } from "../output.ts";
import { type Somebody, whoRuns } from "../somebody.ts";

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
      const somebody = await whoRuns(command);
      if (userHandle === undefined) await chat(somebody, undefined);
      else await chat(somebody, { userHandle, ...(await somebody.client.lookUpUser({ userHandle })) });
    });
}

async function chat(somebody: Somebody, partner: Partner | undefined): Promise<void> {
  const leaving = new AbortController();
  const stop = () => leaving.abort();
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const prompt = isTerminal ? new LivePrompt(stop) : new PipedLines();
  nobodyReads.addEventListener("abort", stop, { once: true });
  const conversation = new Conversation(somebody, partner, prompt, leaving.signal);
  try {
    await conversation.showRecent();
    const both = [listen(somebody, conversation, leaving.signal), conversation.talk()];
    // When one of them ends, the other one ends too.
    await Promise.race(both).finally(() => {
      stop();
      prompt.close();
    });
    await Promise.all(both);
  } catch (error) {
    // Ctrl-C while the chat was loading is no error.
    if (error !== leaving.signal.reason) throw error;
  } finally {
    prompt.close();
  }
  say("You have left the chat. New messages wait in your inbox.");
}

async function listen({ client }: Somebody, conversation: Conversation, signal: AbortSignal): Promise<void> {
  const onConnection = (state: "open" | "lost", error?: ChatError) => conversation.connection(state, error);
  const events = client.listen({ box: "both", after: conversation.listenAfter, signal, onConnection });
  for await (const event of events satisfies AsyncIterable<ChatEvent>) conversation.hear(event);
}
