/**
 * Reads the course: the folder course/ with the lessons, a starter for each language and the solutions. Only this file
 * knows how that folder is laid out. What is missing or wrong there becomes a sentence with the file in it. The cases
 * of the lessons are not there: check/lessons.ts has them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { caseId, id, list, object, optional, type Shape, text, WrongShape } from "../../client/shape.ts";
import { CliError, EXIT, whyNotRead } from "../cli-error.ts";
import { type Vector, vectorsShape } from "../vectors/vector.ts";
import { type LessonText, NoLessonText, readLessonText } from "./lesson-text.ts";

export const LANGUAGES = ["python", "typescript", "javascript", "go", "php", "java"] as const;
export type Language = (typeof LANGUAGES)[number];
/** The languages of the lessons' texts. */
export type Words = "en" | "de";

/** A server to begin with. */
export interface Starter {
  /** What people call the language. */
  name: string;
  file: string;
  /** The command that starts it, with the placeholders {port} and {folder}. */
  start: string;
  install: Record<Words, string>;
}

interface Explained extends Record<Words, string> {
  explain?: Record<Words, string>;
}

export interface LessonFile {
  lesson: number;
  title: Record<Words, string>;
  minutes: number;
  /** Where plainchat's own code does it: a file, and code that is in it once. */
  plainchat: (Record<Words, string> & { file: string; text: string })[];
  predict: {
    /** A server with one mistake, and the case that fails first. */
    server: Explained & { case: string };
    /** A request to plainchat, and the step at which it stops. */
    trace?: Explained & { request: string; step: string };
  };
}

export interface Lesson extends LessonFile {
  text: LessonText;
  /** Where the text is: its links begin there. */
  folder: string;
}

export interface Solution {
  language: Language;
  path: string;
  code: string;
}

const words = object<Record<Words, string>>({ en: text, de: text });
const explain = optional(words) as Shape<Record<Words, string>>;
const lessonFile = object<LessonFile>({
  lesson: id,
  title: words,
  minutes: id,
  plainchat: list(object({ file: text, text, en: text, de: text })),
  predict: object<LessonFile["predict"]>({
    server: object({ case: caseId, en: text, de: text, explain }),
    trace: optional(object({ request: text, step: text, en: text, de: text, explain })) as Shape<
      NonNullable<LessonFile["predict"]["trace"]>
    >,
  }),
});
const starter = object<Starter>({ name: text, file: text, start: text, install: words });

/** In which language a solution is shown if there is none in the learner's. */
const NEAREST: Record<Language, Language> = {
  python: "python",
  typescript: "typescript",
  javascript: "typescript",
  go: "python",
  php: "python",
  java: "python",
};
const ENDING: Partial<Record<Language, string>> = { python: "py", typescript: "ts" };
/** The whole seed in the languages that have no solution for each lesson. */
const SEED: Partial<Record<Language, string>> = {
  javascript: "seed.mjs",
  go: "seed.go",
  php: "seed.php",
  java: "Seed.java",
};

export class Course {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The starters that the course has, in the order of LANGUAGES. @throws {CliError} */
  starters(): Map<Language, Starter> {
    const path = join(this.#folder, "starters", "starters.json");
    const { starters } = shaped(path, object<{ starters: Record<string, unknown> }>({ starters: object({}) }));
    const found = new Map<Language, Starter>();
    for (const language of LANGUAGES) {
      if (starters[language] === undefined) continue;
      found.set(
        language,
        inShape(path, () => starter(starters[language], `starters.${language}`)),
      );
    }
    if (found.size === 0) throw wrong(path, "it has no language");
    return found;
  }

  /** The code of a starter. @throws {CliError} */
  starterCode(language: Language, { file }: Starter): string {
    return read(join(this.#folder, "starters", language, file));
  }

  /** @throws {CliError} when the lesson is not there, or something in it is missing. */
  lesson(number: number, inWords: Words): Lesson {
    const folder = join(this.#folder, "lessons", this.#folderOf(number));
    const path = join(folder, "lesson.json");
    const file = shaped(path, lessonFile);
    if (file.lesson !== number) throw wrong(path, `\`lesson\` is ${file.lesson}, but its folder says ${number}`);
    const textFile = join(folder, `${inWords}.md`);
    try {
      return { ...file, folder, text: readLessonText(read(textFile)) };
    } catch (error) {
      if (error instanceof NoLessonText) throw wrong(textFile, error.message);
      throw error;
    }
  }

  /** The texts that the server of a lesson must know everything about. Undefined if the lesson has none. @throws {CliError} */
  vectors(number: number): Vector[] | undefined {
    const path = join(this.#folder, "lessons", this.#folderOf(number), "vectors.json");
    return existsSync(path) ? shaped(path, vectorsShape) : undefined;
  }

  /** The server after a lesson, in the learner's language or the nearest one that there is. Undefined if there is none. */
  solution(number: number, language: Language): Solution | undefined {
    for (const each of [language, NEAREST[language], "python", "typescript"] as const) {
      const path = join(this.#folder, "solutions", each, `${twoDigits(number)}.${ENDING[each]}`);
      if (ENDING[each] !== undefined && existsSync(path)) return { language: each, path, code: read(path) };
    }
    return undefined;
  }

  /** The file with the whole seed in this language, if there is one. */
  seedSolution(language: Language): string | undefined {
    const name = SEED[language];
    const path = name === undefined ? undefined : join(this.#folder, "solutions", language, name);
    return path !== undefined && existsSync(path) ? path : undefined;
  }

  #folderOf(number: number): string {
    const folder = join(this.#folder, "lessons");
    let names: string[];
    try {
      names = readdirSync(folder);
    } catch (error) {
      throw wrong(folder, whyNotRead(error));
    }
    const name = names.find((each) => each.startsWith(`${twoDigits(number)}-`));
    if (name === undefined) throw wrong(folder, `there is no folder for lesson ${number}`);
    return name;
  }
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

/** @throws {CliError} */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw wrong(path, whyNotRead(error));
  }
}

function shaped<T>(path: string, shape: Shape<T>): T {
  const contents = read(path).replace(/^\ufeff/, "");
  return inShape(path, () => {
    let value: unknown;
    try {
      value = JSON.parse(contents);
    } catch {
      throw new WrongShape("it is not JSON");
    }
    return shape(value, "");
  });
}

function inShape<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof WrongShape) throw wrong(path, error.message);
    throw error;
  }
}

function wrong(path: string, why: string): CliError {
  return new CliError(`The course cannot be read: ${path}: ${why}`, EXIT.folder);
}
