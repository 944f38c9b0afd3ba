/**
 * The teacher's page: what holds for the class on top, below it the pupils, and beside them what the server did with a
 * request that failed.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { TeacherPage } from "../../teacher/teacher-page.ts";
import { say } from "../../words/language.ts";
import { heldBackView } from "../held-back-view.ts";
import { languageChoice } from "../language-choice.ts";
import { classControls } from "./class-controls-view.ts";
import { codeDialog } from "./code-view.ts";
import { archivesView, endDialog, openEnd } from "./end-view.ts";
import { traceBeside } from "./open-trace.ts";
import { pupilsView } from "./pupils-view.ts";
import { openWayIn, wayInDialog } from "./way-in-view.ts";

export function teacherView(page: TeacherPage): TemplateResult {
  return html`${barView(page)}${page.phase === "leading" ? classView(page) : beforeView(page)}`;
}

function classView(page: TeacherPage): TemplateResult {
  const { leading } = page;
  return html`
    <main class="teacher" aria-label=${say("teacher.title")}>
      ${classControls(page)}
      <div class="desk ${leading.openTrace === undefined ? "" : "with-trace"}">
        ${pupilsView(page)} ${traceBeside(page)}
      </div>
    </main>
    ${wayInDialog(page)} ${codeDialog(page)} ${endDialog(page)}
  `;
}

function barView(page: TeacherPage): TemplateResult {
  const { phase, connection, feed, teacher, leading } = page;
  const isLeading = phase === "leading" && teacher !== undefined;
  const become = () => leading.useInChat();
  return html`
    <header class="bar">
      <h1 class="brand"><img src="/web/pages/favicon.svg" alt="" width="24" height="24" />${say("teacher.title")}</h1>
      ${
        isLeading
          ? html`<p class="connection" role="status" data-state=${connection}>
              <span class="lamp" aria-hidden="true"></span>${say(`connection.${connection}`)}
            </p>
            ${heldBackView(feed)}`
          : nothing
      }
      <div class="bar-end">
        ${languageChoice(() => page.draw())}
        ${
          isLeading
            ? html`<button type="button" @click=${() => openWayIn()}>${say("teacher.wayIn")}</button>
                <button type="button" @click=${() => openEnd(page)}>${say("teacher.end")}</button>
                <a class="to-chat" href="/" target="_blank" rel="noopener" @click=${become} @auxclick=${become}
                  >${say("teacher.toChat", { handle: teacher.userHandle })}</a
                >`
            : nothing
        }
      </div>
    </header>
  `;
}

/** What stands there before the teacher can lead the class. */
function beforeView(page: TeacherPage): TemplateResult {
  const { phase, connection } = page;
  if (phase === "new teacher")
    return html`<main class="teacher-before">${newTeacher(page)} ${archivesView(page)}</main>`;
  const isLost = phase === "asking" && connection === "lost";
  const sentence =
    phase === "no class"
      ? say("teacher.off")
      : phase === "no key"
        ? say("teacher.noKey")
        : phase === "wrong key"
          ? say("teacher.wrongKey")
          : say(isLost ? "error.noAnswer" : "connection.connecting");
  return html`<main class="teacher-before"><p class="empty" role="status">${sentence}</p></main>`;
}

function newTeacher(page: TeacherPage): TemplateResult {
  const { leading } = page;
  const { attempts } = leading;
  const become = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = new FormData(event.target as HTMLFormElement).get("userHandle");
    void leading.becomeTeacher(String(typed ?? "").trim());
  };
  const error = attempts.errorAt("teacher");
  return html`
    <form class="new-teacher" @submit=${become}>
      <h2>${say("teacher.who")}</h2>
      <p class="hint" id="teacher-handle-hint">${say("teacher.whoHint")}</p>
      <label for="teacher-handle">${say("join.handle")}</label>
      <input
        id="teacher-handle"
        name="userHandle"
        required
        minlength="3"
        maxlength="64"
        autocomplete="nickname"
        autocapitalize="none"
        spellcheck="false"
        aria-describedby="teacher-handle-hint"
        .defaultValue=${page.lastHandle}
      />
      ${error === undefined ? nothing : html`<p class="error" role="alert">${error}</p>`}
      <button type="submit" class="primary" ?disabled=${attempts.isRunning("teacher")}>${say("teacher.begin")}</button>
    </form>
  `;
}
