/**
 * What each lesson introduces: statuses, fields, headers, methods and addresses. A text must not speak of what only a
 * later lesson teaches, and lessons.test.ts finds it with this table. The table must fit the cases of the check.
 */

interface Introduced {
  statuses?: number[];
  fields?: string[];
  headers?: string[];
  methods?: string[];
  paths?: string[];
}

/** The first entry is lesson 1. */
export const INTRODUCED: Introduced[] = [
  { statuses: [200], fields: ["status"], headers: ["content-length"], methods: ["GET"] },
  {
    fields: ["secret", "userHandle", "userId", "authToken"],
    headers: ["content-type"],
    methods: ["POST"],
    paths: ["/api/v1/register"],
  },
  { statuses: [400, 401] },
  { fields: ["type", "title", "detail", "step", "field"], headers: ["www-authenticate"] },
  { statuses: [403, 404, 409], fields: ["myId", "myAuth"] },
  {},
  { headers: ["authorization"], methods: ["HEAD", "QUERY"] },
  { statuses: [413] },
  {
    fields: [
      ...["message", "messageId", "sentAt", "messages", "fromId", "fromHandle", "toId", "toHandle", "editedAt"],
      // A server that finds misspelled names has to know `wait` before it can wait.
      ...["users", "box", "limit", "before", "after", "wait"],
    ],
    paths: ["/api/v1/users", "/api/v1/chat"],
  },
  { statuses: [405], fields: ["rotateAuth"], headers: ["allow"], methods: ["PATCH", "DELETE"] },
  { statuses: [422], headers: ["idempotency-key"] },
  {},
  { statuses: [429] },
  {
    statuses: [415, 417, 431],
    headers: ["last-event-id", "request-id", "content-encoding", "expect", "origin", "sec-fetch-site"],
    paths: ["/api/v1/chat/stream"],
  },
];

/** No case asks for these, or the first that does is in a later lesson than the one that has to speak of them. */
export const AHEAD_OF_CASES = new Set(["200", "status", "content-length", "GET", "wait"]);

export type Kind = keyof Introduced;
export const KINDS: readonly Kind[] = ["statuses", "fields", "headers", "methods", "paths"];

/** How a text or a case of the check says that it means one of these. */
export const MENTIONS: Record<Kind, (thing: string) => RegExp> = {
  statuses: (status) => new RegExp(`(?<![\\w.:/#+-])${status}(?![\\w.:/]*\\w)`),
  fields: (field) => new RegExp(`\`${field}\`|(?<!\\w)\\\\?"${field}\\\\?":|[?&]${field}=`),
  headers: (header) => new RegExp(`\`${header}[\`:]|"${header}"?:|^${header}: `, "im"),
  methods: (method) => new RegExp(`\`${method}\\b|-X ${method}\\b|"(?:send|begin)":"${method} `),
  paths: (path) => new RegExp(`${path}(?![\\w/])`),
};

/** @returns what only the lessons after this one introduce, by kind. */
export function laterThan(lesson: number): { kind: Kind; thing: string; lesson: number }[] {
  return INTRODUCED.flatMap((introduced, i) =>
    i + 1 <= lesson
      ? []
      : KINDS.flatMap((kind) =>
          (introduced[kind] ?? []).map((thing) => ({ kind, thing: String(thing), lesson: i + 1 })),
        ),
  );
}
