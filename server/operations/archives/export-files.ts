/**
 * The files of an export: the people, their messages and their progress as tables, and one page to read. A class may
 * have more messages than fit into memory, so each file is made while it is sent, page by page.
 */
import type { Classroom, Messages, Users } from "../../store/contract.ts";
import { csvLine, UTF8_MARK } from "./csv.ts";
import { type ExportedMessage, type ExportedPerson, pageEnd, pageMessage, pageStart } from "./export-page.ts";

/** How many messages are read at once. */
const PAGE_LIMIT = 200;

export interface ExportFile {
  name: string;
  /** The text, in pieces. */
  input: AsyncIterable<string>;
}

interface Exported {
  users: Users;
  messages: Messages;
  classroom: Classroom;
  at: Date;
}

export async function exportFiles(exported: Exported): Promise<ExportFile[]> {
  const { users, messages, classroom, at } = exported;
  const people: ExportedPerson[] = [];
  const decisions = await classroom.decisions();
  const progress = await classroom.openAllProgress();
  for (const { userId, userHandle } of await users.list(0, Number.POSITIVE_INFINITY)) {
    const lessons = progress.get(userId)?.lessons ?? [];
    people.push({ userId, userHandle, isTeacher: userId === decisions.teacherId, lessons });
  }
  // Somebody may go on writing, and the export must come to its end.
  const { messageId: upTo } = await messages.last();
  return [
    { name: "people.csv", input: peopleTable(people) },
    { name: "progress.csv", input: progressTable(people) },
    { name: "messages.csv", input: messagesTable(messages, upTo) },
    { name: "class.html", input: page(people, messages, upTo, at) },
  ];
}

// A function with a star gives its result in pieces. It runs up to a `yield`, hands out that piece, and stops there until
// the next one is asked for: here, when the client has taken what was sent.

async function* peopleTable(people: readonly ExportedPerson[]): AsyncIterable<string> {
  yield UTF8_MARK + csvLine(["userId", "userHandle", "isTeacher"]);
  for (const { userId, userHandle, isTeacher } of people) yield csvLine([userId, userHandle, isTeacher]);
}

async function* progressTable(people: readonly ExportedPerson[]): AsyncIterable<string> {
  const names = ["userId", "userHandle", "lesson", "passedAt", "failingCase", "passed", "total", "since"];
  yield UTF8_MARK + csvLine(names);
  for (const { userId, userHandle, lessons } of people) {
    for (const { lesson, passedAt, case: failingCase, passed, total, since } of lessons) {
      yield csvLine([userId, userHandle, lesson, passedAt, failingCase, passed, total, since]);
    }
  }
}

async function* messagesTable(messages: Messages, upTo: number): AsyncIterable<string> {
  const names = ["messageId", "sentAt", "editedAt", "fromId", "fromHandle", "toId", "toHandle", "isToAll", "message"];
  yield UTF8_MARK + csvLine(names);
  for await (const each of allMessages(messages, upTo)) {
    const { messageId, sentAt, editedAt, fromId, fromHandle, toId, toHandle, isToAll = false, message } = each;
    yield csvLine([messageId, sentAt, editedAt, fromId, fromHandle, toId, toHandle, isToAll, message]);
  }
}

async function* page(
  people: readonly ExportedPerson[],
  messages: Messages,
  upTo: number,
  at: Date,
): AsyncIterable<string> {
  yield pageStart(people, at);
  let last: ExportedMessage | undefined;
  for await (const each of allMessages(messages, upTo)) {
    // What the teacher writes to all is a message of its own for each pupil. People want to read it once.
    const isCopy = each.isToAll && last?.isToAll && last.fromId === each.fromId && last.message === each.message;
    if (!isCopy) yield pageMessage(each);
    last = each;
  }
  yield pageEnd();
}

async function* allMessages(messages: Messages, upTo: number): AsyncIterable<ExportedMessage> {
  let after = 0;
  while (after < upTo) {
    const { json } = await messages.pageOfAll(after, PAGE_LIMIT);
    const page: ExportedMessage[] = JSON.parse(String(await json));
    for (const each of page) if (each.messageId <= upTo) yield each;
    // On from the last message of this page. If the page is empty, there are no more.
    after = page.at(-1)?.messageId ?? upTo;
  }
}
