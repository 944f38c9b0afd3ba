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
  return { sentence: error instanceof Error ? error.message : String(error), exitCode: EXIT.bug };
}

function exitCodeOf({ status }: ChatError): number {
  return status === 0 || status === 200 ? EXIT.unreachable : EXIT.refused;
}

/** What a person at the terminal can do, where the server's sentence does not say it. */
function sentenceOf({ message, status, field }: ChatError): string {
  if (status === 401 && field === "myId") {
    return `${message} The server does not know you (any more): register again, or choose another identity with --as`;
  }
  if (status === 403 && field === "myAuth") {
    return `${message} Was your token changed elsewhere? Register again, or choose another identity with --as`;
  }
  if (status === 404 && message.startsWith("There is no user")) {
    return `${message} Case counts; plainchat people lists everybody`;
  }
  return message;
}
