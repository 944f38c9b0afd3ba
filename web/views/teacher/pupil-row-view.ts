/**
 * The row of a pupil: one line that never wraps. A click on the handle opens what the teacher can do, and a click on the
 * step opens what the server did.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { LastRequest } from "../../../client/teacher-types.ts";
import { hasLessons, type Row } from "../../teacher/roster.ts";
import type { TeacherPage } from "../../teacher/teacher-page.ts";
import { say } from "../../words/language.ts";
import { showTime } from "../../words/times.ts";
import { statusView } from "../status-view.ts";
import { withCode } from "../with-code.ts";
import { lessonView, minutesSince } from "./lesson-view.ts";
import { openTrace } from "./open-trace.ts";
import { pupilActions } from "./pupil-actions-view.ts";

const COLUMNS = 5;

export function pupilRow(page: TeacherPage, row: Row): TemplateResult {
  const { leading } = page;
  const { pupil, hasLeft } = row;
  const { userId, userHandle, isHere, isMuted, isHidden, isHandUp, stuckSince } = pupil;
  const isOpen = leading.openId === userId;
  const withLessons = hasLessons(page.roster.rows);
  // Somebody who is stuck may have sent a request that went well, but this is where the help is needed.
  const shown = (stuckSince === undefined ? undefined : pupil.refused) ?? pupil.last;
  const close = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOpen) return;
    leading.open(userId);
    document.querySelector<HTMLElement>(`#pupil-${userId}`)?.focus();
  };
  return html`
    <tbody ?data-open=${isOpen} ?data-away=${!isHere || hasLeft} @keydown=${close}>
      <tr>
        <th scope="row" class="who">
          <button
            type="button"
            id="pupil-${userId}"
            aria-expanded=${isOpen}
            title=${userHandle}
            @click=${() => leading.open(userId)}
          >
            <span class="lamp" ?data-here=${isHere && !hasLeft} aria-hidden="true"></span><bdi>${userHandle}</bdi>
            <span class="visually-hidden">${say(hasLeft ? "people.hasLeft" : isHere ? "teacher.isHere" : "teacher.isAway")}</span>
          </button>
        </th>
        <td class="needs">
          ${isHandUp ? html`<span class="hand">${say("teacher.handIsUp")}</span>` : nothing}
          ${stuckSince === undefined ? nothing : stuckView(stuckSince, page.now())}
        </td>
        ${withLessons ? html`<td class="course">${lessonView(pupil, page.now())}</td>` : nothing}
        <td class="at">${shown === undefined ? nothing : requestView(page, row, shown)}</td>
        <td class="sentence" title=${shown?.reason ?? ""}>
          ${hasLeft ? say("people.hasLeft") : withCode(shown?.reason ?? "")}
        </td>
        <td class="kept">
          ${isMuted ? html`<span class="tag">${say("teacher.isMuted")}</span>` : nothing}
          ${isHidden ? html`<span class="tag">${say("teacher.isHidden")}</span>` : nothing}
        </td>
      </tr>
      ${isOpen ? html`<tr class="open"><td colspan=${COLUMNS + Number(withLessons)}>${pupilActions(page, row)}</td></tr>` : nothing}
    </tbody>
  `;
}

function stuckView(stuckSince: string, now: number): TemplateResult {
  const count = minutesSince(stuckSince, now) ?? 0;
  return html`
    <time class="stuck-since" datetime=${stuckSince} title=${showTime(stuckSince, "both")}
      >${count === 0 ? say("teacher.isStuck") : say("teacher.stuckFor", { count })}</time
    >
  `;
}

function requestView(page: TeacherPage, { pupil }: Row, { operation, status, step }: LastRequest): TemplateResult {
  const { leading } = page;
  const name = html`${statusView(status)} <code>${step ?? operation}</code>`;
  if (status < 400 || pupil.refused === undefined) return name;
  const isOpen = leading.openTrace?.pupil.userId === pupil.userId;
  return html`
    <button
      type="button"
      id="trace-${pupil.userId}"
      aria-pressed=${isOpen}
      title=${say("teacher.seeTrace")}
      @click=${() => void openTrace(page, pupil.userId)}
    >
      ${name}<span class="visually-hidden"> ${say("teacher.seeTrace")}</span>
    </button>
  `;
}
