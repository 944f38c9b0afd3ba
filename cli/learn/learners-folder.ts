/**
 * The folder in which a learner writes a server: the server's file, its data, and plainchat.json, which says how to start
 * the server and how far the learner is. Nothing about the course is ever written into the learner's code.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { LAST_LESSON } from "../../check/last-lesson.ts";
import { count, id, list, object, oneOf, optional, type Shape, text, time, WrongShape } from "../../client/shape.ts";
import { CliError, EXIT, sentenceIn } from "../cli-error.ts";
import { LANGUAGES, type Language, type Words } from "./course.ts";

/** Where the learner's server goes if no folder is typed. */
export const DEFAULT_FOLDER = "my-chat-server";

export const DEFAULT_PORT = 8000;
/** Where the server keeps its files, inside the learner's folder. */
export const DATA_FOLDER = "data";
const FILE = "plainchat.json";

export interface State {
  language: Language;
  file: string;
  /** With the placeholders {port} and {folder}. */
  start: string;
  port: number;
  /** The language of the lessons. */
  words?: Words;
  /** The current lesson. */
  lesson: number;
  /** When each lesson was passed for the first time, by its number. */
  passed: Record<string, string>;
  /** How many hints were shown, by the number of the lesson. */
  hints: Record<string, number>;
  /** The lessons whose questions were asked. */
  asked: number[];
}

const everyValue =
  <T>(of: Shape<T>): Shape<Record<string, T>> =>
  (value, name) => {
    const all = object<Record<string, T>>({})(value, name);
    for (const [key, each] of Object.entries(all)) of(each, `${name}.${key}`);
    return all;
  };

const stateShape = object<State>({
  language: oneOf(...LANGUAGES),
  file: text,
  start: text,
  port: id,
  words: optional(oneOf("en", "de")) as Shape<Words>,
  lesson: id,
  passed: everyValue(time),
  hints: everyValue(count),
  asked: list(id),
});

/** Whether somebody learns in this folder already. */
export function isLearnersFolder(folder: string): boolean {
  return existsSync(join(folder, FILE));
}

export class LearnersFolder {
  readonly path: string;
  readonly #state: State;
  readonly #canWrite: boolean;

  /** @param canWrite false keeps every change out of the file. */
  private constructor(path: string, state: State, canWrite: boolean) {
    this.path = path;
    this.#state = state;
    this.#canWrite = canWrite;
  }

  /** @throws {CliError} when plainchat.json cannot be used. */
  static open(path: string, { canWrite }: { canWrite: boolean }): LearnersFolder {
    const file = join(path, FILE);
    try {
      const state = stateShape(JSON.parse(readFileSync(file, "utf8").replace(/^\ufeff/, "")), "");
      if (state.lesson > LAST_LESSON)
        throw new WrongShape(`\`lesson\` is ${state.lesson}, and there are ${LAST_LESSON}`);
      if (state.port > 65_535) throw new WrongShape(`\`port\` is ${state.port}, and the last port is 65535`);
      if (basename(state.file) !== state.file) throw new WrongShape("`file` is not a file of this folder");
      return new LearnersFolder(path, state, canWrite);
    } catch (error) {
      const why = error instanceof SyntaxError ? "it is not JSON" : sentenceIn(error);
      throw new CliError(`${file} cannot be used: ${why}. Repair it, or move it away and begin again`, EXIT.folder);
    }
  }

  /** Makes the folder. A server that is there already stays. @throws {CliError} */
  static make(path: string, begin: Pick<State, "language" | "file" | "start">, code: string): LearnersFolder {
    const { language, file, start } = begin;
    const state: State = { language, file, start, port: DEFAULT_PORT, lesson: 1, passed: {}, hints: {}, asked: [] };
    const folder = new LearnersFolder(path, state, true);
    try {
      mkdirSync(path, { recursive: true });
      if (!existsSync(folder.serverPath)) writeFileSync(folder.serverPath, code);
    } catch (error) {
      throw new CliError(`The folder ${path} cannot be made: ${sentenceIn(error)}`, EXIT.folder);
    }
    folder.change({});
    return folder;
  }

  get state(): Readonly<State> {
    return this.#state;
  }

  get serverPath(): string {
    return join(this.path, this.#state.file);
  }

  /** The new file is complete before it replaces the old one. @throws {CliError} */
  change(change: Partial<State>): void {
    Object.assign(this.#state, change);
    if (!this.#canWrite) return;
    const unfinished = join(this.path, `${FILE}.${process.pid}`);
    try {
      writeFileSync(unfinished, `${JSON.stringify(this.#state, undefined, 2)}\n`);
      renameSync(unfinished, join(this.path, FILE));
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw new CliError(`Your progress could not be saved in ${this.path}: ${sentenceIn(error)}`, EXIT.folder);
    }
  }

  /** @returns whether the lesson was not passed before. */
  pass(lesson: number): boolean {
    if (this.#state.passed[lesson] !== undefined) return false;
    this.change({ passed: { ...this.#state.passed, [lesson]: new Date().toISOString() } });
    return true;
  }

  /** Puts the starter in place of the server. @returns the name under which the old one is kept, if there was one. */
  beginAgain(code: string): string | undefined {
    const ending = extname(this.#state.file);
    const name = basename(this.#state.file, ending);
    try {
      let kept: string | undefined;
      if (existsSync(this.serverPath)) {
        const nameFor = (n: number) => `${name}.before-${n}${ending}`;
        let n = 1;
        while (existsSync(join(this.path, nameFor(n)))) n++;
        kept = nameFor(n);
        renameSync(this.serverPath, join(this.path, kept));
      }
      writeFileSync(this.serverPath, code);
      return kept;
    } catch (error) {
      throw new CliError(`The starter could not be put into ${this.path}: ${sentenceIn(error)}`, EXIT.folder);
    }
  }
}
