/**
 * What is said in a chat at the terminal: who talks to whom, what came, and what one can type besides messages.
 */
import { styleText } from "node:util";
import { ChatError } from "../client/chat-error.ts";
import type { ChatEvent, Message } from "../client/types.ts";
import { outcomeOf } from "./cli-error.ts";
import type { Somebody } from "./context.ts";
import type { LivePrompt } from "./live-prompt.ts";
import { harmless, showMessage } from "./show.ts";

const RECENT = 10;
const GREATEST_ID = Number.MAX_SAFE_INTEGER;
/** So many messages are remembered, to say what was edited or taken back. */
const REMEMBERED = 500;

const HELP = `  /to HANDLE     talk to somebody else
  /edit TEXT     give your last message another text
  /delete        take your last message back
  /people        list everybody
  /quit          leave the chat (or Ctrl-C)
  //text         a message that begins with a slash`;

export class Conversation {
  /** Where listening begins: what is behind this message is to be told, even what is shown already. */
  listenAfter = 0;
  readonly #somebody: Somebody;
  readonly #prompt: LivePrompt;
  readonly #leaving: AbortSignal;
  readonly #remembered = new Map<number, Message>();
  #partner: string | undefined;
  #lastOwn: number | undefined;
  #isLost = false;

  /** @param leaving breaks off whatever is being asked of the server: who leaves does not wait for it. */
  constructor(somebody: Somebody, partner: string | undefined, prompt: LivePrompt, leaving: AbortSignal) {
    this.#somebody = somebody;
    this.#partner = partner;
    this.#prompt = prompt;
    this.#leaving = leaving;
  }

  /** Shows the end of the conversation as it is. @throws the reason of `leaving`, when it is broken off. */
  async showRecent(): Promise<void> {
    const { client } = this.#somebody;
    const signal = this.#leaving;
    const newest = { box: "both", before: GREATEST_ID } as const;
    const { messages: last } = await client.fetchQueue({ ...newest, limit: 1 }, { signal });
    // Not the last that is shown below: before it something may have come from somebody else, who is not shown there.
    this.listenAfter = last[0]?.messageId ?? 0;
    const withPartner = this.#partner === undefined ? {} : { userHandle: this.#partner };
    const { messages } = await client.fetchQueue({ ...newest, ...withPartner, limit: RECENT }, { signal });
    for (const message of messages) this.#show(message);
    const to = this.#partner === undefined ? "Choose somebody with /to HANDLE." : `You talk to ${this.#partner}.`;
    this.#say(`${to} /help says what else you can type, Ctrl-C ends it.`);
  }

  /** Sends what is typed, until there is no more. */
  async talk(): Promise<void> {
    this.#showPrompt();
    for await (const line of this.#prompt.lines()) {
      try {
        if ((await this.#typed(line)) === "quit") return;
      } catch (error) {
        this.#sayFailed(line, error);
      }
      this.#showPrompt();
    }
  }

  hear(event: ChatEvent): void {
    if (event.type === "message") this.#showUnlessShown(event.message);
    else if (event.type === "edit") this.#showEdit(event.message);
    else if (event.type === "delete") this.#showRemoval(event.messageId);
    else if (event.type === "reset") this.#say("Something may be missing here. plainchat inbox has everything.");
    else this.#say("Somebody has left. What you sent them is gone with them.");
  }

  connection(state: "open" | "lost", error?: ChatError): void {
    if (state === "open" && this.#isLost) this.#say("The connection is back. Nothing was missed.");
    if (state === "lost" && !this.#isLost) {
      this.#say(`The connection is lost${error === undefined ? "" : `: ${error.message}`} Trying again…`);
    }
    this.#isLost = state === "lost";
  }

  /** @throws what is neither a refusal nor the end of the chat. */
  #sayFailed(line: string, error: unknown): void {
    const isCommand = /^\/(?!\/)/.test(line);
    if (error === this.#leaving.reason) {
      this.#say(`Broken off, and perhaps not ${isCommand ? "done" : "sent"}: ${line}`);
      return;
    }
    if (!(error instanceof ChatError)) throw error;
    const { sentence } = outcomeOf(error);
    this.#say(isCommand ? sentence : `Not sent: ${sentence}`);
    // To be sent again, or mended; a command is short enough to be typed anew.
    if (!isCommand) this.#prompt.fill(line);
  }

  async #typed(line: string): Promise<"quit" | undefined> {
    const [, command, rest = ""] = /^\/([a-z]+)(?:\s+([\s\S]*))?$/.exec(line.trim()) ?? [];
    if (line.trim() === "") return undefined;
    if (command === "quit") return "quit";
    if (command === "help") this.#prompt.print(HELP);
    else if (command === "people") await this.#showPeople();
    else if (command === "to" && rest.trim() === "") this.#say("To whom? /to HANDLE");
    else if (command === "delete" && rest !== "")
      this.#say("/delete takes back your last message only, and wants nothing behind it.");
    else if (command === "edit" && rest === "") this.#say("What shall it say? /edit TEXT");
    else if (command === "to") await this.#turnTo(rest.trim());
    else if (command === "edit" || command === "delete") await this.#changeLast(command, rest);
    else if (command !== undefined) this.#say(`There is no /${command}. /help says what there is.`);
    else if (this.#partner === undefined) this.#say("To whom? Choose somebody with /to HANDLE.");
    else await this.#send(this.#partner, line.replace(/^\/\//, "/"));
    return undefined;
  }

  /** The message is shown when the stream brings it. What /edit and /delete are about is known from the reply on. */
  async #send(userHandle: string, message: string): Promise<void> {
    const { client } = this.#somebody;
    const { messageId } = await client.publishMessage({ userHandle, message }, { signal: this.#leaving });
    this.#noteOwn(messageId);
  }

  /** The stream may be late, and tell of an older message than the one that was sent last. */
  #noteOwn(messageId: number): void {
    this.#lastOwn = Math.max(this.#lastOwn ?? 0, messageId);
  }

  /** It is gone: nothing takes its place, for whoever takes a message back means that one. */
  #forgetOwn(messageId: number): void {
    if (this.#lastOwn === messageId) this.#lastOwn = undefined;
  }

  async #turnTo(userHandle: string): Promise<void> {
    await this.#somebody.client.lookUpUser({ userHandle }, { signal: this.#leaving });
    this.#partner = userHandle;
    this.#say(`You talk to ${harmless(userHandle)}.`);
  }

  async #changeLast(command: "edit" | "delete", message: string): Promise<void> {
    const { client } = this.#somebody;
    const messageId = this.#lastOwn;
    if (messageId === undefined) this.#say("You have sent nothing here that could be changed.");
    else if (command === "edit") await client.editMessage({ messageId, message }, { signal: this.#leaving });
    else {
      await client.removeMessage({ messageId }, { signal: this.#leaving });
      this.#forgetOwn(messageId);
    }
  }

  async #showPeople(): Promise<void> {
    const { users } = await this.#somebody.client.listUsers({ limit: 200 }, { signal: this.#leaving });
    this.#prompt.print(`  ${users.map(({ userHandle }) => harmless(userHandle)).join(", ")}`);
  }

  /** What came while the chat was loading may have been shown, and may have been edited since. */
  #showUnlessShown(message: Message): void {
    const shown = this.#remembered.get(message.messageId);
    if (shown === undefined || shown.editedAt !== message.editedAt) this.#show(message);
  }

  #show(message: Message): void {
    this.#remember(message);
    if (message.fromId === this.#somebody.identity.myId) this.#noteOwn(message.messageId);
    this.#prompt.print(showMessage(message, this.#somebody.identity.myId));
  }

  #showEdit(message: Message): void {
    this.#remember(message);
    this.#prompt.print(showMessage(message, this.#somebody.identity.myId));
  }

  #showRemoval(messageId: number): void {
    const message = this.#remembered.get(messageId);
    this.#forgetOwn(messageId);
    this.#remembered.delete(messageId);
    if (message !== undefined) this.#say(`#${messageId} is gone: ${harmless(message.message).slice(0, 60)}`);
  }

  #remember(message: Message): void {
    this.#remembered.set(message.messageId, message);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
  }

  #say(sentence: string): void {
    this.#prompt.print(styleText("dim", `  ${sentence}`));
  }

  #showPrompt(): void {
    const { userHandle } = this.#somebody.identity;
    this.#prompt.prompt = this.#partner === undefined ? `${userHandle}> ` : `${userHandle} → ${this.#partner}> `;
  }
}
