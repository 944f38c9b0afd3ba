/**
 * Who leads the class: the teacher's key, and a client that has it. The key is in the data folder, so on the server's own
 * computer the teacher types nothing. That key goes to the server of this folder and nowhere else: a pupil's server
 * could keep it. For a server on another computer, the teacher gives the key.
 */
import { networkInterfaces } from "node:os";
import type { Command } from "commander";
import { ChatError } from "../../client/chat-error.ts";
import { TeacherClient } from "../../client/teacher-client.ts";
import type { Pupil } from "../../client/teacher-types.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { addressFrom, askHidden, canAsk, type GlobalOptions } from "../context.ts";
import { LAUNCHER } from "../launcher.ts";
import { PATIENCE } from "../somebody.ts";

export interface ClassOptions extends GlobalOptions {
  root: string;
  key?: string;
}

const DEFAULT_PORT = "8080";

/** The address of the server, for a command that saves it. */
export function whereTheClassIs(command: Command): string {
  const options = command.optsWithGlobals<ClassOptions>();
  return options.key === undefined ? addressOf(options) : keyTyped(options.key, options).url;
}

/** The address of the server: the one that was typed, or this computer. */
function addressOf({ url }: ClassOptions): string {
  return url === undefined ? ownAddress() : addressFrom(url);
}

/** The address of the server on this computer. A variable may have been set for a server on another one. */
export function addressHere({ url }: ClassOptions): string {
  const typed = url === undefined ? undefined : addressFrom(url);
  return typed !== undefined && isOnThisComputer(typed) ? typed : ownAddress();
}

function ownAddress(): string {
  return addressFrom(`:${process.env.PLAINCHAT_PORT ?? DEFAULT_PORT}`);
}

/**
 * Does something as the teacher.
 * @throws {CliError} when there is no key. @throws {ChatError} without the key, even if the server repeats it.
 */
export async function asTeacher<Result>(
  command: Command,
  work: (teacher: TeacherClient) => Promise<Result>,
): Promise<Result> {
  const { url, teacherKey } = await keyFor(command.optsWithGlobals<ClassOptions>());
  try {
    return await work(new TeacherClient(url, { teacherKey, ...PATIENCE }));
  } catch (error) {
    if (!(error instanceof ChatError && error.message.includes(teacherKey))) throw error;
    throw new ChatError(error.message.replaceAll(teacherKey, "(the teacher's key)"), error);
  }
}

/**
 * Finds a pupil by the handle. Two handles can look alike, or have letters that nobody can type: then the number does it,
 * as `class pupils` shows it.
 * @throws {CliError} when there is no such pupil.
 */
export async function pupilNamed(teacher: TeacherClient, typed: string): Promise<Pupil> {
  const { pupils } = await teacher.listPupils();
  const number = /^#?(\d{1,16})$/.exec(typed)?.[1];
  const pupil =
    pupils.find(({ userHandle }) => userHandle.normalize() === typed.normalize()) ??
    pupils.find(({ userId }) => userId === Number(number));
  if (pupil !== undefined) return pupil;
  throw new CliError(
    `There is no pupil "${typed}". Capital letters matter. ${LAUNCHER} class pupils lists everybody`,
    EXIT.refused,
  );
}

/** The key alone, or the whole address of the teacher's page, which ends with it. */
function keyTyped(typed: string, options: ClassOptions): { url: string; teacherKey: string } {
  const [, page, teacherKey = ""] = /^(?:(.*)\/teacher)?#?(.*)$/s.exec(typed.trim()) ?? [];
  if (!/^[\w-]+$/.test(teacherKey)) {
    throw new CliError(
      `This is not a teacher's key. On the server's computer, ${LAUNCHER} class keys shows it`,
      EXIT.usage,
    );
  }
  return { url: page === undefined ? addressOf(options) : addressFrom(options.url ?? page), teacherKey };
}

async function keyFor(options: ClassOptions): Promise<{ url: string; teacherKey: string }> {
  const { root, key } = options;
  if (key !== undefined) return keyTyped(key, options);
  const url = addressOf(options);
  if (isOnThisComputer(url)) {
    const { keysIn } = await import("./keys-of-folder.ts");
    const { teacher } = await keysIn(root);
    await mustBeServerOf(root, url);
    return { url, teacherKey: teacher };
  }
  if (canAsk()) {
    return keyTyped(await askHidden(`The teacher's key of ${url}:`), { ...options, url });
  }
  throw new CliError(
    `The teacher's key of ${url} is missing. Set PLAINCHAT_TEACHER_KEY. On the server's computer, ${LAUNCHER} class keys shows it`,
    EXIT.usage,
  );
}

/** The key in a folder must not go to any other server. @throws {CliError} */
async function mustBeServerOf(root: string, url: string): Promise<void> {
  const { serverAt } = await import("../examine-network.ts");
  const server = await serverAt(url, root);
  if (server === "of this folder") return;
  if (server === undefined) {
    throw new CliError(
      `No plainchat server answers at ${url}. Start it: ${LAUNCHER} serve --class. If it has another port, use --url`,
      EXIT.unreachable,
    );
  }
  throw new CliError(
    `The server at ${url} has another data folder than ${root}. Choose its folder with --root, or the right server with --url`,
    EXIT.folder,
  );
}

function isOnThisComputer(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
  if (host === "localhost" || /^127(\.\d+){3}$/.test(host)) return true;
  return Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === host));
}
