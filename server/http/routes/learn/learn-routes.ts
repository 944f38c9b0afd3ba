/**
 * Serves the course in class mode: the page at `/learn`, and below it what read-course.ts has read. Nothing here is
 * secret, so nobody needs a token. The check of a pupil's server is a call of its own (operations/class/begin-check.ts).
 */
import { gzipSync } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { readSteps } from "../../../explain/step-list.ts";
import { noClass } from "../../../operations/refusals.ts";
import { Refusal } from "../../../steps/refusal.ts";
import { type StaticFile, sendStaticFile, staticFile } from "../../reply/static-file.ts";
import { COURSE, type CourseFiles, readCourse } from "./read-course.ts";

const TYPES: Record<string, string> = {
  md: "text/markdown; charset=utf-8",
  svg: "image/svg+xml; charset=utf-8",
  png: "image/png",
  json: "application/json; charset=utf-8",
};
/** A browser saves these, in place of showing them. */
const TO_SAVE = /^(starters\/|check\.mjs$)/;
/** A picture is a page of its own if somebody opens its address. It may do nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

export interface LearnOptions {
  isClass: boolean;
  /** Where the course is. Only tests have another one. */
  folder?: URL | undefined;
  /** Called with what cannot be read. */
  onProblem: (problem: string) => void;
}

export function addLearn(app: FastifyInstance, { isClass, folder = COURSE, onProblem }: LearnOptions): void {
  let read: CourseFiles | undefined;
  if (isClass) {
    read = readCourse(folder, readSteps());
    for (const problem of read.course.problems) onProblem(problem);
  }
  const made = new Map<string, StaticFile>();
  app.get<{ Params: { "*": string } }>("/learn/*", (request, reply) => {
    if (read === undefined) throw noClass();
    const address = request.params["*"];
    const bytes = address === "course.json" ? Buffer.from(JSON.stringify(read.course)) : read.files.get(address);
    if (bytes === undefined) throw new Refusal(404, "The course has no such file.");
    const isToSave = TO_SAVE.test(address);
    const name = address.slice(address.lastIndexOf("/") + 1);
    const ending = name.slice(name.lastIndexOf(".") + 1);
    // Nobody runs a starter in the browser.
    const type = isToSave ? "text/plain; charset=utf-8" : (TYPES[ending] ?? "text/plain; charset=utf-8");
    const file = made.get(address) ?? staticFile(type, bytes, gzipSync(bytes));
    made.set(address, file);
    if (isToSave) reply.header("content-disposition", `attachment; filename="${name}"`);
    reply.header("content-security-policy", POLICY);
    return sendStaticFile(request, reply, file);
  });
}
