/**
 * "Check my server": where the pupil's server listens, how the check goes, and what came of it. The words of the check
 * itself are English.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { CheckState, FailedCase } from "../../../client/check-client.ts";
import type { Lesson } from "../../learn/course.ts";
import type { LearnPage } from "../../learn/learn-page.ts";
import { readInline } from "../../learn/markdown.ts";
import { say } from "../../words/language.ts";
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

function formView(page: LearnPage, { lesson }: Lesson): TemplateResult {
  const { check } = page;
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
    <div class="check-result" aria-live="polite">${resultView(page)}</div>
  `;
}

function resultView({ check, course }: LearnPage): TemplateResult | typeof nothing {
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
    ${state.failure === undefined ? passedView(state, next) : failureView(state, state.failure)}
    ${(state.leftOut?.length ?? 0) > 0 ? leftOutView(state) : nothing}
  `;
}

function runningView({ done, total, mustRestart }: CheckState): TemplateResult {
  return html`
    ${mustRestart ? html`<p class="notice restart"><strong>${say("learn.restart")}</strong> ${say("learn.restartHint")}</p>` : nothing}
    <p>${say("learn.running", { done, total })}</p>
    <progress max=${Math.max(1, total)} value=${done} aria-label=${say("learn.check")}></progress>
  `;
}

function passedView({ passed = 0, lesson }: CheckState, next: Lesson | undefined): TemplateResult {
  return html`
    <p class="notice good"><strong>${say("learn.allPassed", { count: passed, lesson })}</strong></p>
    ${next === undefined ? nothing : html`<p><a href="#${next.lesson}">${say("learn.goOn", { lesson: next.lesson })}</a></p>`}
  `;
}

function leftOutView({ leftOut = [], lesson }: CheckState): TemplateResult {
  return html`
    <p class="hint">${say("learn.leftOut", { count: leftOut.length })}</p>
    ${codeView(`node check.mjs :8000 --lesson ${lesson} --start "python3 server.py 8000 data"`, say("learn.start"))}
  `;
}

function failureView({ passed = 0 }: CheckState, failure: FailedCase): TemplateResult {
  return html`
    <p class="notice bad">${say("learn.failed", { count: passed })}</p>
    ${failure.isUnreachable === true ? html`<p class="notice">${say("learn.unreachable")}</p>` : nothing}
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
