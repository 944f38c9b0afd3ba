/**
 * Makes a learner's folder: asks for the language of the server, and puts the starter there. learn.ts calls it.
 */
import { CliError, EXIT } from "../cli-error.ts";
import { say } from "../output.ts";
import { joined, line, style } from "../styled.ts";
import type { Course, Language, Starter } from "./course.ts";
import { installed } from "./installed.ts";
import type { KeyPrompt } from "./key-prompt.ts";
import { LearnersFolder } from "./learners-folder.ts";

interface Chosen {
  language: Language;
  file: string;
  /** The command that starts the server, with the name that its program has here. */
  start: string;
  starter: Starter;
}

export async function makeFolder(
  path: string,
  course: Course,
  language: Language | undefined,
  prompt: KeyPrompt,
): Promise<LearnersFolder> {
  const chosen = language === undefined ? await askForLanguage(course, prompt) : await languageHere(course, language);
  const { starter, ...begin } = chosen;
  const folder = LearnersFolder.make(path, begin, course.starterCode(chosen.language, starter));
  say(line`Your server is ${style("bold", folder.serverPath)}. Open it in your editor.`);
  return folder;
}

/** @throws {CliError} when the course has no starter in this language. */
export async function languageHere(course: Course, language: Language): Promise<Chosen> {
  const starters = course.starters();
  const starter = starters.get(language);
  if (starter === undefined) throw new CliError(`The course has no starter for ${language}`, EXIT.usage);
  const command = (await installed(new Map([[language, starter]]))).get(language);
  return { language, file: starter.file, start: command ?? starter.start, starter };
}

async function askForLanguage(course: Course, prompt: KeyPrompt): Promise<Chosen> {
  const starters = course.starters();
  const here = await installed(starters);
  const all = [...starters].sort(([one], [other]) => Number(here.has(other)) - Number(here.has(one)));
  const rows = all.map(([language, { name }], i) => {
    const missing = here.has(language) ? "" : style("dim", "  not installed");
    return line`  ${style("bold", i + 1)}  ${name}${missing}`;
  });
  say(joined([style("bold", "In which language do you write your server?"), ...rows]));
  const key = await prompt.ask(
    () => `Press 1 to ${all.length}: `,
    all.map((_, i) => String(i + 1)),
  );
  const [language, starter] = all[Number(key) - 1] ?? all[0] ?? [];
  if (language === undefined || starter === undefined) throw new CliError("The course has no starter", EXIT.folder);
  if (!here.has(language)) say(line`You still need: ${starter.install.en}`);
  return { language, file: starter.file, start: here.get(language) ?? starter.start, starter };
}
