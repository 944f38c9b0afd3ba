/**
 * The live chat, from its start to its end: it listens to the server while the user types. commands/chat.ts runs it.
 */
import type { ChatError } from "../../client/chat-error.ts";
import type { ChatEvent } from "../../client/types.ts";
import { nobodyReads, say } from "../output.ts";
import type { Somebody } from "../somebody.ts";
import { Conversation, type Partner } from "./conversation.ts";
import { LivePrompt } from "./live-prompt.ts";
import { PipedLines } from "./piped-lines.ts";

export async function chat(somebody: Somebody, partner: Partner | undefined): Promise<void> {
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
