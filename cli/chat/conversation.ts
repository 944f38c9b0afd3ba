/**
 * A live chat in the terminal: it shows messages as they arrive, sends what you type, and carries out commands such as
 * /edit.
 */
import { visibleInLine } from "../../check/report/visible.ts";
import { ChatError } from "../../client/chat-error.ts";
import { sendToUser } from "../../client/send-to-user.ts";
import type { ChatEvent, Message, User } from "../../client/types.ts";
import { outcomeOf } from "../cli-error.ts";
import { LAUNCHER } from "../launcher.ts";
import { markedName, Names, showMessage } from "../show.ts";
import type { Somebody } from "../somebody.ts";
import { line, type Styled, style } from "../styled.ts";
import { ClassNews } from "./class-news.ts";
import type { Prompt } from "./prompt.ts";

const RECENT = 10;
const GREATEST_ID = Number.MAX_SAFE_INTEGER;
/** How many messages are kept in memory, to show which one was edited or deleted. */
const REMEMBERED = 500;

const HELP = `  /to HANDLE     talk to somebody else
  /edit TEXT     change your last message
  /delete        delete your last message
  /people        list everybody
  /quit          leave the chat (or Ctrl-C)
  //text         a message that begins with a slash
  \\              at the end of a line: the message goes on in the next one (also Alt+Enter)`;

/** Who the user talks to. It is the user with this id, whatever their handle becomes. */
export type Partner = User;

export class Conversation {
  /** Listening starts after this message, even if a later message is on the screen already. */
  listenAfter = 0;
  readonly #somebody: Somebody;
  readonly #prompt: Prompt;
  readonly #leaving: AbortSignal;
  readonly #remembered = new Map<number, Message>();
  readonly #names = new Names();
  readonly #classNews = new ClassNews();
  #partner: Partner | undefined;
  #lastOwn: number | undefined;
  #isLost = false;

  /** @param leaving aborts the requests that are under way, so that nobody has to wait to leave. */
  constructor(somebody: Somebody, partner: Partner | undefined, prompt: Prompt, leaving: AbortSignal) {
    this.#somebody = somebody;
    this.#prompt = prompt;
    this.#leaving = leaving;
    this.#turn(partner);
  }

  /** Shows the end of the conversation so far. @throws the reason of `leaving` when it is aborted. */
  async showRecent(): Promise<void> {
    const { client } = this.#somebody;
    const signal = this.#leaving;
    const newest = { box: "both", before: GREATEST_ID } as const;
    const { messages: last } = await client.fetchQueue({ ...newest, limit: 1 }, { signal });
    // Not the last message shown below: an earlier one may be from somebody else, and that one is not shown there.
    this.listenAfter = last[0]?.messageId ?? 0;
    const partner = this.#partner;
    const withPartner = partner === undefined ? {} : { userHandle: partner.userHandle };
    const { messages } = await client.fetchQueue({ ...newest, ...withPartner, limit: RECENT }, { signal });
    for (const message of messages) if (partner === undefined || isWith(partner, message)) this.#show(message);
    const to =
      partner === undefined ? "Type /to HANDLE to choose somebody." : `You are talking to ${partner.userHandle}.`;
    this.#say(`${to} /help lists what else you can type. Ctrl-C ends the chat.`);
  }

  /** Sends the lines that are typed, until the input ends. */
  async talk(): Promise<void> {
    this.#showPrompt();
    for await (const text of this.#prompt.lines()) {
      try {
        if ((await this.#typed(text)) === "quit") return;
      } catch (error) {
        this.#sayFailed(text, error);
      }
      this.#showPrompt();
    }
  }

  hear(event: ChatEvent): void {
    if (event.type === "message") this.#showUnlessShown(event.message);
    else if (event.type === "edit") this.#showEdit(event.message);
    else if (event.type === "delete") this.#showRemoval(event.messageId);
    else if (event.type === "reset") this.#say(`Something may be missing here. ${LAUNCHER} inbox has everything.`);
    else if (event.type === "leave") this.#showLeft(event.userId);
    else if (event.type === "class") for (const sentence of this.#classNews.in(event)) this.#say(sentence);
  }

  connection(state: "open" | "lost", error?: ChatError): void {
    if (state === "open" && this.#isLost) this.#say("The connection is back. You did not miss anything.");
    if (state === "lost" && !this.#isLost) {
      const why = error === undefined ? "" : ` ${asSentence(outcomeOf(error).sentence)}`;
      this.#say(`The connection is lost.${why} Trying again…`);
    }
    this.#isLost = state === "lost";
  }

  /** @throws an error that is neither a refusal nor the end of the chat. */
  #sayFailed(typed: string, error: unknown): void {
    const isCommand = commandIn(typed) !== undefined;
    if (error === this.#leaving.reason) {
      this.#say(`Stopped. Perhaps this was not ${isCommand ? "done" : "sent"}: ${typed}`);
      return;
    }
    if (!(error instanceof ChatError)) throw error;
    // Here, people type /people.
    const sentence = asSentence(outcomeOf(error).sentence.replace(`${LAUNCHER} people`, "/people"));
    const isUnknown = error.reason === "outcome unknown";
    this.#say(isCommand ? sentence : `${isUnknown ? "Perhaps not sent" : "Not sent"}: ${sentence}`);
    // So that it can be corrected and sent again. A command is short enough to type again.
    if (!isCommand) this.#prompt.fill(typed);
  }

  async #typed(text: string): Promise<"quit" | undefined> {
    if (text.trim() === "") return undefined;
    const { command, typed = "", rest = "" } = commandIn(text) ?? {};
    if (command === "quit") return "quit";
    if (command === "help") this.#prompt.print(HELP);
    else if (command === "people") await this.#showPeople();
    else if (command === "to" && rest.trim() === "") this.#say("Who do you want to talk to? Type /to HANDLE.");
    else if (command === "delete" && rest !== "")
      this.#say("/delete only deletes your last message. Type nothing after it.");
    else if (command === "edit" && rest === "") this.#say("What is the new text? Type /edit TEXT.");
    else if (command === "to") await this.#turnTo(rest.trim());
    else if (command === "edit" || command === "delete") await this.#changeLast(command, rest);
    else if (command !== undefined)
      this.#say(
        `There is no /${shortened(typed)}. /help lists the commands. To send a text that begins with /, type //.`,
      );
    else if (this.#partner === undefined) this.#say("Who is this for? Type /to HANDLE to choose somebody.");
    else await this.#send(this.#partner, text.replace(/^\/\//, "/"));
    return undefined;
  }

  /** The stream shows the message later. The reply already gives its id, so /edit and /delete work at once. */
  async #send(partner: Partner, message: string): Promise<void> {
    const { userId } = partner;
    const sent = await sendToUser(this.#somebody.client, { userId, message }, { signal: this.#leaving });
    this.#noteOwn(sent.messageId);
    if (sent.userHandle === partner.userHandle) return;
    this.#say(`${partner.userHandle} is now called ${sent.userHandle}.`);
    this.#turn({ userId, userHandle: sent.userHandle });
  }

  /** The stream may be late and bring an older message than the last one sent. */
  #noteOwn(messageId: number): void {
    this.#lastOwn = Math.max(this.#lastOwn ?? 0, messageId);
  }

  /** The message before it does not take its place: /delete must not delete a message that nobody meant. */
  #forgetOwn(messageId: number): void {
    if (this.#lastOwn === messageId) this.#lastOwn = undefined;
  }

  async #turnTo(userHandle: string): Promise<void> {
    const { userId } = await this.#somebody.client.lookUpUser({ userHandle }, { signal: this.#leaving });
    this.#turn({ userId, userHandle });
    this.#say(`You are talking to ${userHandle}.`);
  }

  #turn(partner: Partner | undefined): void {
    this.#partner = partner;
    if (partner !== undefined) this.#names.nameOf(partner);
  }

  async #changeLast(command: "edit" | "delete", message: string): Promise<void> {
    const { client } = this.#somebody;
    const messageId = this.#lastOwn;
    if (messageId === undefined) this.#say("You have not sent a message here that can be changed.");
    else if (command === "edit") await client.editMessage({ messageId, message }, { signal: this.#leaving });
    else {
      await client.removeMessage({ messageId }, { signal: this.#leaving });
      this.#forgetOwn(messageId);
    }
  }

  async #showPeople(): Promise<void> {
    const { users } = await this.#somebody.client.listUsers({ limit: 200 }, { signal: this.#leaving });
    this.#prompt.print(line`  ${users.map(markedName).join(", ")}`);
  }

  /** A message that arrived while the chat was loading may be on the screen already, and may have been edited since. */
  #showUnlessShown(message: Message): void {
    const shown = this.#remembered.get(message.messageId);
    if (shown === undefined || shown.editedAt !== message.editedAt) this.#show(message);
  }

  #show(message: Message): void {
    this.#remember(message);
    if (message.fromId === this.#somebody.identity.myId) this.#noteOwn(message.messageId);
    this.#prompt.print(this.#asLine(message));
  }

  #showEdit(message: Message): void {
    this.#remember(message);
    this.#prompt.print(this.#asLine(message));
  }

  #asLine(message: Message): Styled {
    return showMessage(message, this.#somebody.identity.myId, this.#names);
  }

  #showLeft(userId: number): void {
    const isPartner = this.#partner?.userId === userId;
    const who = isPartner ? this.#partner?.userHandle : "Somebody";
    this.#say(`${who} has left. The messages you sent them are gone.`);
  }

  #showRemoval(messageId: number): void {
    const message = this.#remembered.get(messageId);
    this.#forgetOwn(messageId);
    this.#remembered.delete(messageId);
    if (message !== undefined) this.#say(`#${messageId} was deleted: ${[...message.message].slice(0, 60).join("")}`);
  }

  #remember(message: Message): void {
    this.#remembered.set(message.messageId, message);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
  }

  #say(sentence: string): void {
    this.#prompt.print(style("dim", `  ${sentence}`));
  }

  #showPrompt(): void {
    const { userHandle } = this.#somebody.identity;
    const to = this.#partner === undefined ? "" : ` → ${this.#partner.userHandle}`;
    this.#prompt.label = visibleInLine(`${userHandle}${to}> `);
  }
}

/** What is typed after one slash is a command, however it is written. It must never be sent to the other person. */
function commandIn(text: string): { command: string; typed: string; rest: string } | undefined {
  const [, typed, rest = ""] = /^\/(?!\/)(\S*)\s*([\s\S]*)$/.exec(text.trim()) ?? [];
  return typed === undefined ? undefined : { command: typed.toLowerCase(), typed, rest };
}

function shortened(text: string): string {
  const characters = [...text];
  return characters.length > 40 ? `${characters.slice(0, 40).join("")}…` : text;
}

function isWith({ userId }: Partner, { fromId, toId }: Message): boolean {
  return fromId === userId || toId === userId;
}

function asSentence(text: string): string {
  return /[.?!…]$/.test(text) ? text : `${text}.`;
}
