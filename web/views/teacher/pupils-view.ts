/**
 * The list of pupils: how many are here, are stuck or raise a hand, and a row for each. Only rows about which something
 * is new are drawn again.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { repeat } from "lit-html/directives/repeat.js";
import { placeOf } from "../../teacher/leading.ts";
import { countsOf, hasLessons, matching, type Row } from "../../teacher/roster.ts";
import type { TeacherPage } from "../../teacher/teacher-page.ts";
import { currentLanguage, say } from "../../words/language.ts";
import { minutesSince } from "./lesson-view.ts";
import { pupilRow } from "./pupil-row-view.ts";

export function pupilsView(page: TeacherPage): TemplateResult {
  const { roster, leading, attention } = page;
  const shown = matching(roster.rows, leading.filter);
  const counts = countsOf(roster.rows, page.now());
  const withLessons = hasLessons(roster.rows);
  const filter = (event: Event) => {
    leading.filter = (event.target as HTMLInputElement).value;
    page.draw();
  };
  const note = () => attention.note();
  const onKey = (event: KeyboardEvent) => {
    attention.note();
    moveAmongRows(event);
  };
  return html`
    <section class="pupils" aria-labelledby="pupils-title">
      <header>
        <h2 id="pupils-title">${say("teacher.pupils", { count: counts.all })}</h2>
        <ul class="counts">
          <li>${say("teacher.here", { count: counts.here })}</li>
          <li ?data-some=${counts.stuck > 0}>${say("teacher.stuck", { count: counts.stuck })}</li>
          <li ?data-some=${counts.hands > 0}>${say("teacher.hands", { count: counts.hands })}</li>
        </ul>
        ${
          roster.isOutOfOrder
            ? html`<button type="button" class="sort" @click=${() => page.sort()}>${say("teacher.sort")}</button>`
            : nothing
        }
        <input
          type="search"
          aria-label=${say("teacher.filter")}
          placeholder=${say("teacher.filter")}
          autocapitalize="none"
          spellcheck="false"
          .value=${leading.filter}
          @input=${filter}
        />
      </header>
      ${page.isOneOfSeveral ? html`<p class="one-of-several">${say("teacher.oneOfSeveral")}</p>` : nothing}
      ${
        shown.length === 0
          ? html`<p class="empty">${say(counts.all === 0 ? "teacher.nobody" : "teacher.notFound")}</p>`
          : html`<div
              class="pupil-list"
              ?data-course=${withLessons}
              tabindex="0"
              role="group"
              aria-labelledby="pupils-title"
              @pointermove=${note}
              @keydown=${onKey}
              @pointerleave=${() => attention.end()}
            >
              <table>
                <thead>
                  <tr>
                    <th scope="col" class="who">${say("teacher.pupil")}</th>
                    <th scope="col" class="needs">${say("teacher.needs")}</th>
                    ${withLessons ? html`<th scope="col" class="course">${say("teacher.lesson")}</th>` : nothing}
                    <th scope="col" class="at">${say("teacher.lastRequest")}</th>
                    <th scope="col">${say("table.sentence")}</th>
                    <th scope="col" class="kept">${say("teacher.heldBack")}</th>
                  </tr>
                </thead>
                ${repeat(
                  shown,
                  ({ pupil }) => pupil.userId,
                  (row) => guard(newsOf(page, row), () => pupilRow(page, row)),
                )}
              </table>
            </div>`
      }
    </section>
  `;
}

/** The arrow keys go to the same button of the pupil above or below. In a field, they stay in the field. */
function moveAmongRows(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const { target } = event;
  if (step === undefined || !(target instanceof HTMLButtonElement) || target.closest("tr.open") !== null) return;
  const column = target.closest("td.at") === null ? ".who" : ".at";
  const list = event.currentTarget as HTMLElement;
  const buttons = [...list.querySelectorAll<HTMLElement>(`tbody tr:first-child ${column} button`)];
  const next = buttons[buttons.indexOf(target) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

/** While none of this changes, the row stays as it is. */
function newsOf(page: TeacherPage, row: Row): unknown[] {
  const { userId, stuckSince, progress } = row.pupil;
  const { attempts, openId, removingId, openTrace } = page.leading;
  const place = placeOf(userId);
  return [
    row,
    minutesSince(stuckSince, page.now()),
    minutesSince(progress?.since, page.now()),
    hasLessons(page.roster.rows),
    currentLanguage(),
    openId === userId,
    removingId === userId,
    openTrace?.pupil.userId === userId,
    attempts.errorAt(place),
    attempts.isRunning(place),
  ];
}
