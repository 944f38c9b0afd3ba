/**
 * `plainchat learn` in a terminal: shows a lesson, starts the learner's server again after each save, runs the checks of
 * the lesson, and does what the keys say. learn.ts makes it. Everything that happens goes through one queue, one
 * after the other, so a save during a run leads to another run after it.
 */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { LAST_LESSON } from "../../check/last-lesson.ts";
import { CannotStart } from "../../check/node/server-under-test.ts";
import { countIn, type Report } from "../../check/run-check.ts";
import type { Compare, Tell } from "../check/check-once.ts";
import { courseResult } from "../check/course-progress.ts";
import { CliError, whyNotRead } from "../cli-error.ts";
import { say } from "../output.ts";
import { joined, line, style } from "../styled.ts";
import type { Course, Lesson, Words } from "./course.ts";
import { FileWatch } from "./file-watch.ts";
import type { KeyPrompt } from "./key-prompt.ts";
import type { LearnersFolder } from "./learners-folder.ts";
import { LearnersServer } from "./learners-server.ts";
import { proseIn } from "./markdown.ts";
import {
  afterPage,
  helpPage,
  hintPage,
  ideaPage,
  isLast,
  keysLine,
  listOfLessons,
  listPage,
  taskPage,
} from "./pages.ts";
import { questionsOf } from "./predict.ts";
import { runLesson } from "./run-lesson.ts";
import { solutionDiff } from "./solution-diff.ts";
import { howItEnded, whyNotStarted } from "./why-not-started.ts";

interface Learning {
  course: Course;
  folder: LearnersFolder;
  words: Words;
  prompt: KeyPrompt;
  command: Command;
  compare: Compare;
  /** Undefined if the class is not told. */
  tellClass: Tell | undefined;
}

const QUESTIONS = {
  en: {
    title: "What do you think?",
    press: (last: number) => `Press 1 to ${last}, or Enter to skip: `,
    right: "✓ Right:",
    it: "It is",
    wrong: (key: string) => `${key} is not it. It is`,
  },
  de: {
    title: "Was meinst du?",
    press: (last: number) => `Drück 1 bis ${last}, oder Enter: `,
    right: "✓ Richtig:",
    it: "Es ist",
    wrong: (key: string) => `${key} ist es nicht. Es ist`,
  },
};

export class Session {
  readonly #learning: Learning;
  readonly #folder: LearnersFolder;
  readonly #prompt: KeyPrompt;
  readonly #server: LearnersServer;
  readonly #watch: FileWatch;

  constructor(learning: Learning) {
    this.#learning = learning;
    const { folder, prompt } = learning;
    this.#folder = folder;
    this.#prompt = prompt;
    const { start, port } = folder.state;
    this.#server = new LearnersServer({
      folder: folder.path,
      start,
      port,
      onOtherPort: (taken, now) =>
        this.#tell(
          `Something else listens at port ${taken}, perhaps your own server in another terminal. Now your server is at port **${now}**. If the other one is yours, stop it: two servers in one folder write over each other's files.`,
        ),
      onWaiting: (url) => this.#tell(`Waiting for your server to listen at ${url}.`),
      onEnded: () => prompt.post("ended"),
    });
    this.#watch = new FileWatch(folder.serverPath, () => prompt.post("saved"));
  }

  /** Goes on until the learner leaves. */
  async run(): Promise<never> {
    await this.#careful(() => this.#showLesson());
    await this.#careful(() => this.#begin());
    for (;;) {
      this.#prompt.show((columns) => keysLine(this.#number, columns));
      const what = await this.#prompt.next();
      this.#prompt.hide();
      await this.#careful(() => this.#do(what));
    }
  }

  get #number(): number {
    return this.#folder.state.lesson;
  }

  get #lesson(): Lesson {
    return this.#learning.course.lesson(this.#number, this.#learning.words);
  }

  get #how() {
    const { words } = this.#learning;
    const { language, start } = this.#folder.state;
    return { words, language, columns: this.#prompt.columns, server: { start, port: this.#server.port } };
  }

  get #file(): string {
    return this.#folder.state.file;
  }

  /** What cannot be done is said in a sentence, and the learner can go on. */
  async #careful(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      this.#tell(`plainchat: ${error.message}`);
    }
  }

  /** Says a sentence, broken between words. */
  #tell(markdown: string): void {
    say(proseIn(markdown, this.#prompt.columns));
  }

  async #do(what: string): Promise<void> {
    if (what === "saved" || what === "enter") await this.#runChecks();
    else if (what === "ended") await this.#sayEnd();
    else if (what === "h") this.#showHint();
    else if (what === "n") await this.#goTo(this.#number + 1);
    else if (what === "p") await this.#goTo(this.#number - 1);
    else if (what === "s") await this.#showSolution();
    else if (what === "r") await this.#beginAgain();
    else if (what === "l") this.#showList();
    else if (what === "?") this.#showHelp();
  }

  async #begin(): Promise<void> {
    say("");
    if (await this.#isStarted()) this.#tell(`Your server runs at ${this.#server.url}.`);
    this.#tellHow();
  }

  #tellHow(): void {
    this.#tell(`Write in **${this.#folder.serverPath}**. The checks run when you save it or press Enter.`);
  }

  /** Starts the server, or says why it did not start. */
  async #isStarted(): Promise<boolean> {
    this.#watch.forget();
    this.#prompt.withdraw("saved");
    try {
      await this.#server.start();
      return true;
    } catch (error) {
      if (!(error instanceof CannotStart)) throw error;
      say(await whyNotStarted(error, this.#server.underTest, this.#folder.serverPath, this.#prompt.columns));
      return false;
    } finally {
      this.#prompt.withdraw("ended");
    }
  }

  async #runChecks(): Promise<void> {
    const time = new Date().toTimeString().slice(0, 5);
    say(joined(["", style("dim", `--- ${time}, lesson ${this.#number} ---`)]));
    if (!(await this.#isStarted())) return;
    const server = this.#server.underTest;
    if (server === undefined) return;
    const { course, command, compare, tellClass } = this.#learning;
    const howToGoOn = "Press n.";
    const what = { course, folder: this.#folder, lesson: this.#number };
    const report = await runLesson({ ...what, server, goesOn: true, command, compare, howToGoOn });
    // The report has said so.
    this.#prompt.withdraw("ended");
    if (await this.#server.hasLostPort()) {
      this.#tell("That was the server of somebody else. Once more, with yours:");
      await this.#runChecks();
      return;
    }
    this.#keep(report);
    await tellClass?.(report, command);
  }

  #keep(report: Report): void {
    const { passed } = courseResult(report);
    const isNew = passed.map(({ lesson }) => ({ lesson, isNew: this.#folder.pass(lesson) }));
    if (countIn(report, "failed") > 0 || !isNew.some((each) => each.lesson === this.#number && each.isNew)) return;
    say(joined(["", style(["green", "bold"], `Lesson ${this.#number} is passed.`)]));
    say(afterPage(this.#lesson, this.#how));
    const end = isLast(this.#number) ? "You have passed all lessons." : `Press n for lesson ${this.#number + 1}.`;
    say(joined(["", style("bold", end)]));
  }

  async #sayEnd(): Promise<void> {
    const server = this.#server.underTest;
    if (server === undefined) return;
    if (await this.#server.hasLostPort()) {
      await this.#isStarted();
      return;
    }
    say(howItEnded(await server.now(), server, this.#folder.serverPath));
    // Its group must not be ended later: by then the system may have given the number to somebody else's.
    await this.#server.stop();
  }

  async #showLesson(): Promise<void> {
    const lesson = this.#lesson;
    say(ideaPage(lesson, this.#how));
    if (!this.#folder.state.asked.includes(lesson.lesson)) await this.#ask(lesson);
    say(taskPage(lesson, this.#how));
  }

  /** Asks the questions of a lesson, once. */
  async #ask(lesson: Lesson): Promise<void> {
    const { words } = this.#learning;
    const said = QUESTIONS[words];
    for (const { text, request, answers, right, explain } of questionsOf(lesson, words)) {
      say(joined(["", style("bold", said.title)]));
      this.#tell(text);
      if (request !== undefined) say(line`    ${request}`);
      for (const [i, each] of answers.entries()) this.#tell(`${i + 1}. ${each.text} (${each.id})`);
      const keys = answers.map((_, i) => String(i + 1));
      const key = await this.#prompt.ask(() => said.press(answers.length), [...keys, "enter"]);
      const chosen = answers[Number(key) - 1]?.id;
      const verdict = chosen === undefined ? said.it : said.wrong(key);
      const answer = answers.findIndex(({ id }) => id === right) + 1;
      const sentence = chosen === right ? `${said.right} **${right}**` : `${verdict} ${answer}, **${right}**`;
      this.#tell(`${sentence}. ${explain ?? ""}`);
    }
    this.#folder.change({ asked: [...this.#folder.state.asked, lesson.lesson] });
  }

  #showHint(): void {
    const lesson = this.#lesson;
    const { hints } = this.#folder.state;
    const number = Math.min((hints[lesson.lesson] ?? 0) + 1, lesson.text.hints.length);
    if (number === hints[lesson.lesson]) {
      for (let each = 1; each <= number; each++) say(hintPage(lesson, each, this.#how));
      say(joined(["", "These are all hints of this lesson."]));
      return;
    }
    say(hintPage(lesson, number, this.#how));
    this.#folder.change({ hints: { ...hints, [lesson.lesson]: number } });
  }

  async #goTo(number: number): Promise<void> {
    if (number < 1 || number > LAST_LESSON) {
      say(number < 1 ? "This is the first lesson." : "This is the last lesson.");
      return;
    }
    if (number > this.#number && this.#folder.state.passed[this.#number] === undefined) {
      this.#tell(`Lesson ${this.#number} is not passed yet. p leads back to it.`);
    }
    this.#folder.change({ lesson: number });
    await this.#showLesson();
    say("");
    this.#tellHow();
  }

  #showList(): void {
    const { course, words } = this.#learning;
    say(joined(["", listPage(listOfLessons(course, this.#folder.state, words))]));
  }

  #showHelp(): void {
    const lesson = this.#lesson;
    say(joined([ideaPage(lesson, this.#how), taskPage(lesson, this.#how), helpPage()]));
  }

  async #showSolution(): Promise<void> {
    const { course } = this.#learning;
    const { language } = this.#folder.state;
    const solution = course.solution(this.#number, language);
    if (solution === undefined) {
      say(`The course has no solution for lesson ${this.#number}.`);
      return;
    }
    if (!(await this.#isSure("Look at the solution?"))) return;
    if (solution.language === language) {
      const lines = solutionDiff(this.#ownCode(), solution.code);
      const title = `What is different (- yours, + the solution), ${solution.path}`;
      say(joined(lines.length === 0 ? [`Your ${this.#file} is the solution.`] : ["", style("bold", title), ...lines]));
      return;
    }
    const names = course.starters();
    const nameOf = (each: typeof language) => names.get(each)?.name ?? each;
    const before = course.solution(this.#number - 1, solution.language);
    const title = `There is no solution of this lesson in ${nameOf(language)}. This is what it adds in ${nameOf(solution.language)}, ${solution.path}`;
    const seed = course.seedSolution(language);
    const more = seed === undefined ? [] : ["", `A whole server in ${nameOf(language)}, without hints: ${seed}`];
    say(joined(["", style("bold", title), ...solutionDiff(before?.code ?? "", solution.code), ...more]));
  }

  #ownCode(): string {
    try {
      return readFileSync(this.#folder.serverPath, "utf8");
    } catch (error) {
      say(`${this.#file}: ${whyNotRead(error)}.`);
      return "";
    }
  }

  async #beginAgain(): Promise<void> {
    const { course } = this.#learning;
    const { language } = this.#folder.state;
    const starter = course.starters().get(language);
    if (starter === undefined) return;
    const code = course.starterCode(language, starter);
    if (!(await this.#isSure(`Begin again with the starter?`))) return;
    const kept = this.#folder.beginAgain(code);
    this.#tell(`${this.#file} is the starter again.${kept === undefined ? "" : ` Yours is ${kept} now.`}`);
    await this.#runChecks();
  }

  async #isSure(question: string): Promise<boolean> {
    const key = await this.#prompt.ask(() => line`${style("bold", question)} y/n: `, ["y", "j", "n", "enter"]);
    return key === "y" || key === "j";
  }
}
