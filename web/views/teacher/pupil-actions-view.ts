/**
 * What the teacher can do for one pupil, in the open row: the sentences in full, and a button for each call. Only what
 * cannot be undone is asked about.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { LastRequest, Pupil } from "../../../client/teacher-types.ts";
import { type PupilChange, placeOf } from "../../teacher/leading.ts";
import type { Row } from "../../teacher/roster.ts";
import type { TeacherPage } from "../../teacher/teacher-page.ts";
import { say } from "../../words/language.ts";
import { showTime } from "../../words/times.ts";
import { statusView } from "../status-view.ts";
import { withCode } from "../with-code.ts";
import { errorView } from "./class-controls-view.ts";
import { openCode } from "./code-view.ts";
import { lessonInFull } from "./lesson-view.ts";
import { openTrace } from "./open-trace.ts";

export function pupilActions(page: TeacherPage, { pupil, hasLeft }: Row): TemplateResult {
  const { attempts } = page.leading;
  const { userId, last, refused } = pupil;
  return html`
    <div class="pupil-actions">
      ${lessonInFull(pupil)}
      ${last === undefined ? html`<p class="hint">${say("teacher.nothingYet")}</p>` : requestView("teacher.last", last)}
      ${refused === undefined || refused.at === last?.at ? nothing : requestView("teacher.lastRefused", refused)}
      ${messagesView(page, pupil)}
      ${hasLeft ? html`<p class="hint">${say("teacher.pupilGone")}</p>` : buttons(page, pupil)}
      ${errorView(attempts.errorAt(placeOf(userId)))}
    </div>
  `;
}

function requestView(phrase: "teacher.last" | "teacher.lastRefused", request: LastRequest): TemplateResult {
  const { at, operation, status, step, reason } = request;
  return html`
    <p class="request-in-full">
      ${say(phrase)} <time datetime=${at} title=${showTime(at, "both")}>${showTime(at, "time")}</time>
      ${statusView(status)} <code>${step ?? operation}</code> ${withCode(reason ?? "")}
    </p>
  `;
}

/** What this pupil has sent last, so that an insult can be read and removed. */
function messagesView({ heard, leading }: TeacherPage, pupil: Pupil): TemplateResult | typeof nothing {
  const messages = heard.of(pupil.userId);
  if (messages.length === 0) return nothing;
  const isBusy = leading.attempts.isRunning(placeOf(pupil.userId));
  return html`
    <details class="heard">
      <summary>${say("teacher.messages", { count: messages.length })}</summary>
      <ol>
        ${repeat(
          messages,
          ({ messageId }) => messageId,
          ({ messageId, message, toHandle, sentAt }) => html`
            <li>
              <p class="heard-text" dir="auto">${message}</p>
              <p class="hint">
                ${say("teacher.messageTo")} <bdi>${toHandle}</bdi>,
                <time datetime=${sentAt} title=${showTime(sentAt, "both")}>${showTime(sentAt, "time")}</time>
              </p>
              <button type="button" ?disabled=${isBusy} @click=${() => void leading.takeDown(pupil, messageId)}>
                ${say("teacher.takeDown")}
              </button>
            </li>
          `,
        )}
      </ol>
    </details>
  `;
}

function buttons(page: TeacherPage, pupil: Pupil): TemplateResult {
  const { leading } = page;
  const { userId, isMuted, isHidden, isHandUp, refused } = pupil;
  if (leading.removingId === userId) return removeButtons(page, pupil);
  const isBusy = leading.attempts.isRunning(placeOf(userId));
  const change = (news: PupilChange) => () => void leading.changePupil(pupil, news);
  return html`
    <div class="choice">
      ${
        isHandUp
          ? html`<button type="button" ?disabled=${isBusy} @click=${change({ isHandUp: false })}>${say("teacher.takeHandDown")}</button>`
          : nothing
      }
      ${
        refused === undefined
          ? nothing
          : html`<button type="button" @click=${() => void openTrace(page, userId)}>${say("teacher.seeTrace")}</button>`
      }
      <button type="button" ?disabled=${isBusy} @click=${change({ isMuted: !isMuted })}>
        ${say(isMuted ? "teacher.unmute" : "teacher.mute")}
      </button>
      <button type="button" ?disabled=${isBusy} @click=${change({ isHidden: !isHidden })}>
        ${say(isHidden ? "teacher.unhide" : "teacher.hide")}
      </button>
      <button type="button" ?disabled=${isBusy} @click=${() => void openCode(page, pupil)}>${say("teacher.code")}</button>
      ${renameForm(page, pupil, isBusy)}
      <button type="button" class="danger" @click=${() => askToRemove(page, userId)}>${say("teacher.remove")}</button>
    </div>
  `;
}

function renameForm({ leading }: TeacherPage, pupil: Pupil, isBusy: boolean): TemplateResult {
  const { userId, userHandle } = pupil;
  const rename = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = String(new FormData(event.target as HTMLFormElement).get("userHandle") ?? "").trim();
    if (typed !== userHandle) void leading.changePupil(pupil, { userHandle: typed });
  };
  return html`
    <form class="rename" @submit=${rename}>
      <label for="rename-${userId}" class="visually-hidden">${say("teacher.newHandle")}</label>
      <input
        id="rename-${userId}"
        name="userHandle"
        required
        minlength="3"
        maxlength="64"
        autocomplete="off"
        autocapitalize="none"
        spellcheck="false"
        .value=${userHandle}
      />
      <button type="submit" ?disabled=${isBusy}>${say("account.rename")}</button>
    </form>
  `;
}

function askToRemove(page: TeacherPage, removingId: number | undefined): void {
  const { openId } = page.leading;
  page.leading.removingId = removingId;
  page.draw();
  // The button that was pressed is gone.
  const next = removingId === undefined ? `#pupil-${openId}` : ".pupil-actions .danger";
  queueMicrotask(() => document.querySelector<HTMLElement>(next)?.focus());
}

function removeButtons(page: TeacherPage, pupil: Pupil): TemplateResult {
  const { leading } = page;
  const { userId, userHandle } = pupil;
  const question = say("teacher.reallyRemove", { handle: userHandle });
  const remove = async () => {
    const isRemoved = await leading.remove(pupil);
    if (isRemoved) document.querySelector<HTMLElement>(".pupil-list")?.focus();
  };
  return html`
    <div class="choice" role="group" aria-label=${question}>
      <p>${question}</p>
      <button
        type="button"
        class="danger"
        ?disabled=${leading.attempts.isRunning(placeOf(userId))}
        @click=${() => void remove()}
      >
        ${say("teacher.removeNow")}
      </button>
      <button type="button" @click=${() => askToRemove(page, undefined)}>${say("app.cancel")}</button>
    </div>
  `;
}
