/**
 * The page of an export: a class to read, print or keep. It is one file that loads nothing and runs nothing, and it must
 * show what pupils wrote as text only.
 */
import type { LessonProgress } from "../../store/contract.ts";

export interface ExportedPerson {
  userId: number;
  userHandle: string;
  isTeacher: boolean;
  /** How far this person is in each lesson. */
  lessons: readonly LessonProgress[];
}

/** A message as readers get it (docs/spec.md). */
export interface ExportedMessage {
  messageId: number;
  fromId: number;
  fromHandle: string;
  toId: number;
  toHandle: string;
  message: string;
  sentAt: string;
  editedAt?: string;
  isTeacher?: true;
  isToAll?: true;
}

const STYLE = `
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
  article { margin: 0 0 0.75rem; break-inside: avoid; }
  article header { font-size: 0.85rem; opacity: 0.8; }
  p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
  bdi { font-weight: 600; }
  mark { border-radius: 0.3em; padding: 0 0.3em; font-size: 0.8em; }
`;

export function pageStart(people: readonly ExportedPerson[], at: Date): string {
  const items = people.map((person) => {
    return `<li>${nameOf(person.userHandle, person.isTeacher)}${progressOf(person)}</li>\n`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>plainchat: a class</title>
<style>${STYLE}</style>
<h1>A class in plainchat</h1>
<p>As it was on <time>${timeOf(at.toISOString())}</time> (UTC).</p>
<h2>People (${people.length})</h2>
<ol>
${items.join("")}</ol>
<h2>Messages</h2>
`;
}

/** ": passed lessons 1, 2; in lesson 3, 4 of 13 cases pass". */
function progressOf(person: ExportedPerson): string {
  const passed = person.lessons.filter((each) => each.passedAt !== undefined).map((each) => each.lesson);
  const open = person.lessons.filter((each) => each.passedAt === undefined);
  const facts: string[] = [];
  if (passed.length > 0) facts.push(`passed ${passed.length === 1 ? "lesson" : "lessons"} ${passed.join(", ")}`);
  for (const { lesson, passed: cases, total } of open) {
    facts.push(`in lesson ${lesson}, ${cases} of ${total} cases pass`);
  }
  return facts.length === 0 ? "" : `: ${facts.join("; ")}`;
}

export function pageMessage(exported: ExportedMessage): string {
  const { sentAt, editedAt, fromHandle, toHandle, message, isToAll, isTeacher = false } = exported;
  const to = isToAll ? "all" : `<bdi>${escaped(toHandle)}</bdi>`;
  const edited = editedAt === undefined ? "" : `, edited <time>${timeOf(editedAt)}</time>`;
  return `<article>
<header>${nameOf(fromHandle, isTeacher)} to ${to}, <time>${timeOf(sentAt)}</time>${edited}</header>
<p dir="auto">${escaped(message)}</p>
</article>
`;
}

export function pageEnd(): string {
  return "</html>\n";
}

/** Anybody may write "(teacher)" into a handle, but nobody can get this mark. */
function nameOf(userHandle: string, isTeacher: boolean): string {
  return `<bdi>${escaped(userHandle)}</bdi>${isTeacher ? " <mark>teacher</mark>" : ""}`;
}

/** "2030-01-02 12:00:05". */
function timeOf(iso: string): string {
  return escaped(iso.slice(0, 19).replace("T", " "));
}

const REPLACEMENTS: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => REPLACEMENTS[character] ?? character);
}
