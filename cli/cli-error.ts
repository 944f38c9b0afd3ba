/**
 * An error that ends a command: one sentence that says what is wrong and what to do, and an exit code for scripts.
 */
import { visibleInLine } from "../check/report/visible.ts";
import { ChatError } from "../client/chat-error.ts";
import { codeOf } from "../server/store/error-code.ts";
import { LAUNCHER } from "./launcher.ts";

/** docs/guides/terminal.md has the same table. */
export const EXIT = {
  /** An error that we did not expect. */
  bug: 1,
  /** A typing mistake in the command, or a question answered with no. */
  usage: 2,
  /** The server refused. */
  refused: 3,
  /** No server answered, or it does not know whether it was done. */
  unreachable: 4,
  /** Nobody is registered on this computer under that name. */
  nobody: 5,
  /** Something is wrong with the data folder or a backup. */
  folder: 6,
  /** `check` found something wrong with the server under test. */
  failed: 7,
  /** The command is done, but its result could not be written. */
  notWritten: 8,
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

let helpIfUnreachable = "";

/** Says what else may help if the server does not answer: somebody.ts knows who runs the command, and the client not. */
export function helpWhenUnreachable(sentence: string): void {
  helpIfUnreachable = ` ${sentence}`;
}

/** The sentence to print for a thrown error, and the exit code. */
export function outcomeOf(error: unknown): { sentence: string; exitCode: number } {
  if (error instanceof CliError) return { sentence: error.message, exitCode: error.exitCode };
  if (error instanceof ChatError) return { sentence: sentenceOf(error), exitCode: exitCodeOf(error) };
  // Ctrl-C at a question.
  if (error instanceof Error && error.name === "ExitPromptError") return { sentence: "", exitCode: EXIT.interrupted };
  return { sentence: sentenceIn(error), exitCode: EXIT.bug };
}

/** The message of anything that was thrown. */
export function sentenceIn(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Why a file that somebody named cannot be read. */
export function whyNotRead(error: unknown): string {
  const code = codeOf(error) ?? "";
  return NOT_READ[code] ?? sentenceIn(error);
}

const NOT_READ: Record<string, string> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "you may not read it",
  EPERM: "you may not read it",
};

function exitCodeOf({ status, reason }: ChatError): number {
  return status === 0 || status === 200 || reason === "outcome unknown" ? EXIT.unreachable : EXIT.refused;
}

/** The server's sentence names inputs that nobody typed here, so it is put into the words of the command line. */
function sentenceOf({ reason, message, status, field }: ChatError): string {
  if (reason === "unknown handle") return `${message} Capital letters matter. ${LAUNCHER} people lists everybody`;
  if (reason === "no reply") return message + helpIfUnreachable;
  if (reason === "outcome unknown") {
    return "Nobody knows whether this was done: the server lost its database at that moment. Look before you try again";
  }
  if (reason !== "refused") return message;
  if (status === 401 && field === "myId") {
    return "The server does not know you any more. Register again, or use --as to choose another identity";
  }
  if (status === 403 && field === "myAuth") {
    return "The server no longer accepts your token. It was changed somewhere else. Use --as to choose another identity, or register another handle";
  }
  if (field === "teacherKey" && (status === 401 || status === 403)) {
    return `This is not the teacher's key. On the server's computer, ${LAUNCHER} class keys shows it`;
  }
  // What was typed, and the thing that it should have been, have the same name.
  const plain = message.replace(/^`secret` is not the class secret/, "This is not the class secret");
  const sentence = plain.replace(/`(\w+)`/g, (quoted, name) => WORDS[name] ?? quoted);
  const hint = field === "secret" && status === 401 ? " Ask the person who runs the server for it." : "";
  return visibleInLine(sentence.charAt(0).toUpperCase() + sentence.slice(1) + hint);
}

/** What the inputs are called on the command line. */
const WORDS: Record<string, string> = {
  secret: "the class secret",
  userHandle: "the handle",
  message: "the message",
  messageId: "number",
  userId: "number",
  rejoinCode: "the code",
  lesson: "the lesson",
};
