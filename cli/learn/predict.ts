/**
 * The questions of a lesson that a learner answers before the task: which check fails for a server with one mistake, and
 * at which step plainchat stops. Each has a few answers to choose from, one of them right.
 */
import { loadLessons } from "../../check/lessons.ts";
import { readSpecification, sentenceOf } from "../../check/report/specification.ts";
import type { Lesson, Words } from "./course.ts";

const MAX_ANSWERS = 4;
/** Steps about files mean nothing to a learner before this lesson. */
const FILES = { lesson: 6, words: /\.dat\b|sha256|\bfile\b|error:/i };

export interface Question {
  /** What happens, in words; the request, if there is one. */
  text: string;
  request?: string;
  answers: Answer[];
  right: string;
  explain: string | undefined;
}

interface Answer {
  id: string;
  /** What the id stands for. */
  text: string;
}

export function questionsOf({ lesson, predict }: Lesson, words: Words): Question[] {
  const { server, trace } = predict;
  const questions: Question[] = [];
  const all = loadLessons();
  const cases = (all.find((each) => each.lesson === lesson)?.cases ?? []).map(({ id, title }) => ({ id, text: title }));
  const answers = someOf(cases, server.case);
  // With a single check, the question is whether it passes.
  if (cases.length === 1) answers.push({ id: "none", text: words === "de" ? "Keine scheitert." : "No check fails." });
  questions.push({ text: server[words], answers, right: server.case, explain: server.explain?.[words] });
  if (trace !== undefined) {
    const call = trace.step.split(".").slice(0, 2).join(".");
    const steps = readSpecification()
      .filter(({ id }) => id.startsWith(`${call}.`))
      .map(({ id }) => ({ id, text: sentenceOf(id, lesson) }))
      .filter(({ id, text }) => id === trace.step || lesson >= FILES.lesson || !FILES.words.test(text));
    const answers = someOf(steps, trace.step);
    const { request, step } = trace;
    questions.push({ text: trace[words], request, answers, right: step, explain: trace.explain?.[words] });
  }
  // Where the course names a case or a step that this lesson does not have, there is nothing to choose from.
  return questions.filter(({ answers, right }) => answers.length > 1 && answers.some(({ id }) => id === right));
}

/** The right one and some others, in their order, from all over the list. */
function someOf(all: Answer[], right: string): Answer[] {
  const others = all.filter(({ id }) => id !== right);
  const count = Math.min(MAX_ANSWERS - 1, others.length);
  const chosen = Array.from({ length: count }, (_, i) => others[Math.floor(((i + 0.5) * others.length) / count)]);
  return all.filter((each) => each.id === right || chosen.includes(each));
}
