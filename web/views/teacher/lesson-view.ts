/**
 * Where a pupil is in the course: short in the row, in full in the open row. The id of a case comes from the pupil's
 * program, so it is always shown as code.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { stuckSinceOf } from "../../../client/stuck.ts";
import type { Pupil } from "../../../client/teacher-types.ts";
import type { LessonProgress } from "../../../client/types.ts";
import { say } from "../../words/language.ts";
import { showTime } from "../../words/times.ts";
import { withCode } from "../with-code.ts";

const MINUTE_MILLISECONDS = 60_000;
const HOUR_MINUTES = 60;
const DAY_MINUTES = 24 * HOUR_MINUTES;

/** Undefined if `since` is. Never below 0: the clocks of two computers differ. */
export function minutesSince(since: string | undefined, now: number): number | undefined {
  return since === undefined ? undefined : Math.max(0, Math.floor((now - Date.parse(since)) / MINUTE_MILLISECONDS));
}

/** "3 · register-no-secret · 12 min". If there is no room, the case becomes shorter. */
export function lessonView({ progress }: Pupil, now: number): TemplateResult | typeof nothing {
  if (progress === undefined) return nothing;
  const { lesson, case: failing, since } = progress;
  const isStuck = stuckSinceOf({ progress }, now) !== undefined;
  return html`
    <span class="at-case" title=${inFull(progress).replaceAll("`", "")}>
      <span>${lesson}</span>
      ${failing === undefined ? html`<span class="passed">${say("teacher.isPassed")}</span>` : html`<code>${failing}</code>`}
      <time datetime=${since} class=${isStuck ? "stuck-since" : ""}>${forHowLong(minutesSince(since, now) ?? 0)}</time>
    </span>
  `;
}

/** For the open row: also what the pupil has passed before. */
export function lessonInFull({ progress, lessonsPassed }: Pupil): TemplateResult | typeof nothing {
  if (progress === undefined) return nothing;
  const passed = lessonsPassed.length === 0 ? "" : say("teacher.lessonsPassed", { lessons: lessonsPassed.join(", ") });
  return html`<p class="request-in-full">${withCode(inFull(progress))} ${passed}</p>`;
}

function inFull({ lesson, case: failing, passed, total, since }: LessonProgress): string {
  const time = showTime(since, "both");
  if (failing === undefined) return say("teacher.lessonPassed", { lesson, time });
  return say("teacher.stopsAt", { lesson, case: failing, time, passed, total });
}

function forHowLong(minutes: number): string {
  if (minutes < HOUR_MINUTES) return say("teacher.minutes", { count: minutes });
  if (minutes < DAY_MINUTES) return say("teacher.hours", { count: Math.floor(minutes / HOUR_MINUTES) });
  return say("teacher.days", { count: Math.floor(minutes / DAY_MINUTES) });
}
