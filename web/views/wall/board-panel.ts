/**
 * The board: lessons across, pupils down, in the order in which they joined. Only while the teacher shows it.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { ClassUser } from "../../../client/types.ts";
import type { Projector } from "../../projector/projector.ts";
import { say } from "../../words/language.ts";

const LESSONS = Array.from({ length: 14 }, (_, i) => i + 1);

export function boardPanel({ users }: Projector): TemplateResult {
  const pupils = users.filter(({ isTeacher }) => isTeacher !== true);
  return html`
    <section class="panel board" aria-labelledby="board">
      <h2 id="board">${say("projector.board")}</h2>
      <div class="board-scroll" tabindex="0" role="group" aria-labelledby="board">
        <table>
          <thead>
            <tr>
              <th scope="col">${say("projector.boardName")}</th>
              ${LESSONS.map((lesson) => html`<th scope="col" class="number">${lesson}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${repeat(pupils, ({ userId }) => userId, rowView)}
          </tbody>
        </table>
      </div>
    </section>
  `;
}

function rowView({ userHandle, lessonsPassed = [], atLesson }: ClassUser): TemplateResult {
  return html`<tr>
    <th scope="row" title=${userHandle}><bdi>${userHandle}</bdi></th>
    ${LESSONS.map((lesson) => {
      if (lessonsPassed.includes(lesson)) return markView("✓", say("projector.lessonPassed"));
      return lesson === atLesson ? markView("•", say("projector.atLesson")) : html`<td>${nothing}</td>`;
    })}
  </tr>`;
}

function markView(mark: string, words: string): TemplateResult {
  return html`<td data-mark=${mark}><span role="img" aria-label=${words}>${mark}</span></td>`;
}
