/**
 * What the teacher does with the whole class: pause it, show texts, choose the lesson, write to all. The state of each
 * is always visible, because it holds for everybody in the room.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { isToSend } from "../../browser/keys.ts";
import type { TeacherPage } from "../../teacher/teacher-page.ts";
import { say } from "../../words/language.ts";

const LESSONS = 14;
/** In code points, like the server. */
const MAX_CHARACTERS = 4096;

export function classControls(page: TeacherPage): TemplateResult {
  return html`
    <section class="controls" aria-label=${say("teacher.class")}>
      ${pauseView(page)} ${textsView(page)} ${boardView(page)} ${lessonView(page)} ${toAllView(page)}
    </section>
  `;
}

/** Beside what was tried. */
export function errorView(sentence: string | undefined): TemplateResult | typeof nothing {
  return sentence === undefined ? nothing : html`<p class="error" role="alert">${sentence}</p>`;
}

function pauseView({ facts, leading }: TeacherPage): TemplateResult {
  const isPaused = facts?.isPaused === true;
  const { attempts } = leading;
  return html`
    <div class="control pause" ?data-on=${isPaused}>
      <button
        type="button"
        class="big"
        ?disabled=${facts === undefined || attempts.isRunning("pause")}
        @click=${() => void leading.changeClass("pause", { isPaused: !isPaused })}
      >
        <span aria-hidden="true">${isPaused ? "▶" : "❚❚"}</span> ${say(isPaused ? "teacher.goOn" : "teacher.pause")}
      </button>
      <p class="state" role="status">${say(isPaused ? "teacher.isPaused" : "teacher.isGoing")}</p>
      ${errorView(attempts.errorAt("pause"))}
    </div>
  `;
}

function textsView({ facts, leading }: TeacherPage): TemplateResult {
  const isShown = facts?.showsTexts === true;
  const { attempts } = leading;
  return html`
    <div class="control texts" ?data-on=${isShown}>
      <button
        type="button"
        ?disabled=${facts === undefined || attempts.isRunning("texts")}
        @click=${() => void leading.changeClass("texts", { showsTexts: !isShown })}
      >
        ${say(isShown ? "teacher.coverTexts" : "teacher.showTexts")}
      </button>
      <p class="state" role="status">${say(isShown ? "teacher.textsShown" : "teacher.textsCovered")}</p>
      ${errorView(attempts.errorAt("texts"))}
    </div>
  `;
}

function boardView({ facts, leading }: TeacherPage): TemplateResult {
  const isShown = facts?.showsBoard === true;
  const { attempts } = leading;
  return html`
    <div class="control board" ?data-on=${isShown}>
      <button
        type="button"
        ?disabled=${facts === undefined || attempts.isRunning("board")}
        @click=${() => void leading.changeClass("board", { showsBoard: !isShown })}
      >
        ${say(isShown ? "teacher.hideBoard" : "teacher.showBoard")}
      </button>
      <p class="state" role="status">${say(isShown ? "teacher.boardShown" : "teacher.boardHidden")}</p>
      ${errorView(attempts.errorAt("board"))}
    </div>
  `;
}

function lessonView(page: TeacherPage): TemplateResult {
  const { facts, leading } = page;
  const { attempts } = leading;
  const choose = (event: Event) => {
    const lesson = Number((event.target as HTMLSelectElement).value);
    void leading.changeClass("lesson", { lesson }).then(() => page.draw());
  };
  // The menu has what the server knows, also when a choice has failed.
  const value = live(String(facts?.lesson ?? ""));
  return html`
    <div class="control lesson">
      <label for="lesson">${say("teacher.lesson")}</label>
      <select id="lesson" .value=${value} ?disabled=${facts === undefined || attempts.isRunning("lesson")} @change=${choose}>
        ${facts?.lesson === undefined ? html`<option value="" disabled>–</option>` : nothing}
        ${Array.from({ length: LESSONS }, (_, i) => html`<option value=${i + 1} ?selected=${facts?.lesson === i + 1}>${i + 1}</option>`)}
      </select>
      ${errorView(attempts.errorAt("lesson"))}
    </div>
  `;
}

function toAllView(page: TeacherPage): TemplateResult {
  const { leading } = page;
  const { attempts, message, sentTo } = leading;
  const over = [...message].length - MAX_CHARACTERS;
  const write = (event: Event) => {
    leading.message = (event.target as HTMLTextAreaElement).value;
    leading.sentTo = undefined;
    page.draw();
  };
  const send = (event: Event) => {
    event.preventDefault();
    if (over <= 0) void leading.writeToAll();
  };
  const onKey = (event: KeyboardEvent) => {
    if (isToSend(event)) send(event);
  };
  return html`
    <form class="control to-all" @submit=${send}>
      <label for="to-all" class="visually-hidden">${say("teacher.toAll")}</label>
      <textarea
        id="to-all"
        rows="1"
        dir="auto"
        placeholder=${say("teacher.toAll")}
        .value=${live(message)}
        @input=${write}
        @keydown=${onKey}
      ></textarea>
      <button type="submit" class="primary" ?disabled=${attempts.isRunning("to all") || over > 0}>
        ${say("teacher.sendToAll")}
      </button>
      <p class="state" role="status">
        ${sentTo === undefined ? nothing : say("teacher.sentToAll", { count: sentTo })}
        ${over > 0 ? html`<span class="error">${say("teacher.tooLong", { count: over })}</span>` : nothing}
      </p>
      ${errorView(attempts.errorAt("to all"))}
    </form>
  `;
}
