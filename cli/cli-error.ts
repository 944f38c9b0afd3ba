/**
 * What ends a command: one sentence that says what is wrong and what to do about it, and an exit code for scripts.
 */
import { ChatError } from "../client/chat-error.ts";

/** docs/terminal.md has the same table. */
export const EXIT = {
  /** Nobody foresaw it. */
  bug: 1,
  /** The command was typed wrongly. */
  usage: 2,
  /** The server has refused. */
  refused: 3,
  /** No server answered. */
  unreachable: 4,
  /** Nobody is registered on this machine under that name. */
  nobody: 5,
  /** The data folder, or a backup, is not as it should be. */
  folder: 6,
  /** A server under test is not as it should be. */
  failed: 7,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export class CliError extends Error {
  readonly exitCode: number;

  constructor(sentence: string, exitCode: number) {
    super(sentence);
    this.exitCode = exitCode;
  }
}

/** What to say of whatever was thrown, and with which code to end. */
export function outcomeOf(error: unknown): { sentence: string; exitCode: number } {
  if (error instanceof CliError) return { sentence: error.message, exitCode: error.exitCode };
  if (error instanceof ChatError) return { sentence: sentenceOf(error), exitCode: exitCodeOf(error) };
  // A prompt that was left with Ctrl-C.
  if (error instanceof Error && error.name === "ExitPromptError") return { sentence: "", exitCode: EXIT.interrupted };
  return { sentence: sentenceIn(error), exitCode: EXIT.bug };
}

/** What an error says, whatever was thrown. */
export function sentenceIn(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function exitCodeOf({ status }: ChatError): number {
  return status === 0 || status === 200 ? EXIT.unreachable : EXIT.refused;
}

/** What is said at the terminal, where the server's sentence speaks of inputs that nobody has typed here. */
function sentenceOf({ reason, message, status, field }: ChatError): string {
  if (status === 401 && field === "myId") {
    return "The server does not know you any more. Register again, or choose another identity with --as";
  }
  if (status === 403 && field === "myAuth") {
    return "The server takes your token no more: it was changed elsewhere. Choose another identity with --as, or register another handle";
  }
  if (reason === "unknown handle") {
    return `${message} Case counts; plainchat people lists everybody`;
  }
  const sentence = message.replace(/`(\w+)`/g, (quoted, name) => WORDS[name] ?? quoted);
  const hint = field === "secret" && status === 401 ? " Ask the person who runs the server for it." : "";
  return sentence.charAt(0).toUpperCase() + sentence.slice(1) + hint;
}

/** Inputs, in the words of the command line. */
const WORDS: Record<string, string> = {
  secret: "the class secret",
  userHandle: "the handle",
  message: "the message",
  messageId: "number",
};
