/**
 * "Check my server": where the pupil's server listens, how the check goes, and what came of it. The words of the check
 * itself are English.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { CheckState, FailedCase } from "../../../client/check-client.ts";
import { type Lesson, leftOutUpTo, openStartsOf } from "../../learn/course.ts";
import type { LearnPage } from "../../learn/learn-page.ts";
import { readInline } from "../../learn/markdown.ts";
import { currentLanguage, say } from "../../words/language.ts";
import { codeView, inlineView } from "./markdown-view.ts";

const STOPPED = {
  time: "learn.stoppedByTime",
  bytes: "learn.stoppedByBytes",
  restart: "learn.notRestarted",
  fault: "learn.checkFailed",
} as const;

export function checkView(page: LearnPage, lesson: Lesson): TemplateResult {
  return html`
    <h2 id="check-title">${say("learn.check")}</h2>
    ${
      page.identity === undefined
        ? html`<p>${say("learn.joinFirst")}</p>
            <p><a href="/?join">${say("learn.join")}</a></p>`
        : formView(page, lesson)
    }
  `;
}

function formView(page: LearnPage, open: Lesson): TemplateResult {
  const { check } = page;
  const { lesson } = open;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = new FormData(event.target as HTMLFormElement);
    check.port = Number(typed.get("port"));
    check.secret = String(typed.get("secret") ?? "").trim();
    void page.checkServer();
  };
  return html`
    <form class="check-form" @submit=${submit}>
      <label for="check-port">${say("learn.port")}</label>
      <input
        id="check-port"
        name="port"
        type="number"
        inputmode="numeric"
        min="1024"
        max="65535"
        required
        aria-describedby="check-port-hint"
        .defaultValue=${String(check.port)}
      />
      <p class="hint" id="check-port-hint">${say(isHere() ? "learn.portHere" : "learn.portHint")}</p>
      ${isHere() ? nothing : howToOpenView(page)}
      <details>
        <summary>${say("learn.secret")}</summary>
        <label for="check-secret">${say("learn.secretLabel")}</label>
        <input
          id="check-secret"
          name="secret"
          required
          minlength="12"
          maxlength="64"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          aria-describedby="check-secret-hint"
          .defaultValue=${check.secret}
        />
        <p class="hint" id="check-secret-hint">${say("learn.secretHint")}</p>
      </details>
      <button type="submit" class="primary" ?disabled=${check.isRunning}>
        ${lesson === 1 ? say("learn.checkFirst") : say("learn.checkUpTo", { lesson })}
      </button>
    </form>
    ${hereView(page, open)}
    <div class="check-result" aria-live="polite">${resultView(page)}</div>
  `;
}

function resultView(page: LearnPage): TemplateResult | typeof nothing {
  const { check, course } = page;
  const { state, error } = check;
  if (error !== undefined) return html`<p class="error" role="alert">${error}</p>`;
  if (check.isAsking) return html`<p>${say("learn.asking")}</p>`;
  if (state === undefined) return nothing;
  if (state.isRunning) return runningView(state);
  if (state.stopped !== undefined) {
    const { done, total } = state;
    return html`<p class="notice bad">${say(STOPPED[state.stopped])} ${say("learn.soFar", { done, total })}</p>`;
  }
  const next = course?.lessons.find(({ lesson }) => lesson === state.lesson + 1);
  return html`
    ${state.failure === undefined ? passedView(page, state, next) : failureView(page, state, state.failure)}
  `;
}

function runningView({ done, total, mustRestart }: CheckState): TemplateResult {
  return html`
    ${mustRestart ? html`<p class="notice restart"><strong>${say("learn.restart")}</strong> ${say("learn.restartHint")}</p>` : nothing}
    <p>${say("learn.running", { done, total })}</p>
    <progress max=${Math.max(1, total)} value=${done} aria-label=${say("learn.check")}></progress>
    <p class="hint">${say("learn.checkEnds")}</p>
  `;
}

function passedView(
  { course }: LearnPage,
  { passed = 0, lesson }: CheckState,
  next: Lesson | undefined,
): TemplateResult {
  const isWhole = course?.lessons.some((each) => each.lesson === lesson && each.kills > 0) !== true;
  const sentence = isWhole ? say("learn.allPassed", { count: passed, lesson }) : say("learn.allHerePassed");
  return html`
    <p class="notice good"><strong>${sentence}</strong></p>
    ${isWhole ? nothing : html`<p>${say("learn.notWhole")}</p>`}
    ${next === undefined ? nothing : html`<p><a href="#${next.lesson}">${say("learn.goOn", { lesson: next.lesson })}</a></p>`}
  `;
}

/** What is checked from here, and what only the pupil's own computer can check. */
function hereView({ course }: LearnPage, lesson: Lesson): TemplateResult | typeof nothing {
  const count = course === undefined ? 0 : leftOutUpTo(course, lesson);
  if (count === 0 && lesson.restarts === 0) return nothing;
  const command = `node check.mjs :8000 --lesson ${lesson.lesson} --start "python3 server.py 8000 data"`;
  return html`
    <div class="checked-here">
      ${lesson.restarts > 0 ? html`<p>${say("learn.willRestart")}</p>` : nothing}
      ${lesson.kills > 0 ? html`<p>${say("learn.notWhole")}</p>` : nothing}
      ${
        count === 0
          ? nothing
          : html`<p>${say("learn.cannotRunHere", { count })}</p>
              ${codeView(command, say("learn.start"))}
              ${
                course?.hasCheckProgram === true
                  ? html`<p><a href="/learn/check.mjs" download>check.mjs</a></p>`
                  : html`<p class="hint">${say("learn.noCheckProgram")}</p>`
              }`
      }
    </div>
  `;
}

/** The command that starts the pupil's server so that the class server reaches it. */
function openStartView({ course, check }: LearnPage): TemplateResult | typeof nothing {
  const [starter] = course?.starters ?? [];
  if (starter === undefined) return nothing;
  return html`${openStartsOf(starter, check.port).map(({ terminal, command }) => codeView(command, terminal))}`;
}

/** Open until the pupil's first check has reached a server. */
function howToOpenView(page: LearnPage): TemplateResult {
  return html`<details ?open=${page.progress?.lessons.length === 0}>
    <summary>${say("learn.startOpen")}</summary>
    ${openStartView(page)}
    <p class="hint">${say("learn.otherLanguage")}</p>
  </details>`;
}

function unreachableView(page: LearnPage): TemplateResult {
  if (isHere()) return html`<p class="notice">${say("learn.unreachableHere")}</p>`;
  return html`<div class="notice">
    <p>${say("learn.unreachable")}</p>
    ${openStartView(page)}
    <p>${say("learn.otherLanguage")} ${say("learn.firewall")}</p>
  </div>`;
}

function failureView(page: LearnPage, { passed = 0 }: CheckState, failure: FailedCase): TemplateResult {
  return html`
    <p class="notice bad">${say("learn.failed", { count: passed })}</p>
    ${failure.isUnreachable === true ? unreachableView(page) : nothing}
    ${currentLanguage() === "en" ? nothing : html`<p class="hint">${say("learn.checkIsEnglish")}</p>`}
    <div class="failure" lang="en" translate="no">
      <h3>${failure.title}</h3>
      <p class="hint"><code>${failure.case}</code> ${failure.steps.map((id) => html`<code>${id}</code> `)}</p>
      <ul>
        ${failure.mistakes.map((each) => html`<li>${inlineView(readInline(sentence(each)), "")}</li>`)}
      </ul>
      ${failure.request === undefined ? nothing : codeView(failure.request, say("learn.sent"))}
      ${failure.expected === undefined ? nothing : codeView(failure.expected, say("learn.expected"))}
      ${codeView(failure.received, say("learn.received"))}
      ${failure.lookFirst === undefined ? nothing : html`<p><strong>${say("learn.lookFirst")}</strong> ${failure.lookFirst}</p>`}
      <p><strong>${say("learn.whatToDo")}</strong> ${inlineView(readInline(failure.hint), "")}</p>
    </div>
  `;
}

/** The class server runs on this computer. */
function isHere(): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(location.hostname);
}

function sentence(mistake: string): string {
  return `${mistake.charAt(0).toUpperCase()}${mistake.slice(1)}${/[.?!…]$/.test(mistake) ? "" : "."}`;
}
