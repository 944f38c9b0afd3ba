/**
 * A rejoin code, so large that the teacher can read it out from the other side of the desk, and for how long it counts.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { Pupil } from "../../../client/teacher-types.ts";
import type { TeacherPage } from "../../teacher/teacher-page.ts";
import { say } from "../../words/language.ts";
import { showTime } from "../../words/times.ts";

const MINUTE_MILLISECONDS = 60_000;

/** Asks the server for a code and shows it. If that fails, the row says why. */
export async function openCode(page: TeacherPage, pupil: Pupil): Promise<void> {
  const isMade = await page.leading.makeCode(pupil);
  if (isMade) queueMicrotask(() => document.querySelector<HTMLDialogElement>("dialog.code")?.showModal());
}

export function codeDialog(page: TeacherPage): TemplateResult {
  const { code } = page.leading;
  const forget = () => {
    page.leading.code = undefined;
    page.draw();
  };
  return html`
    <dialog class="code" aria-labelledby="code-title" @close=${forget}>
      <header>
        <h2 id="code-title">${say("teacher.codeFor")} <bdi>${code?.userHandle ?? ""}</bdi></h2>
        <button type="button" class="close" aria-label=${say("app.close")} @click=${closeDialog}>×</button>
      </header>
      ${code === undefined ? nothing : codeView(code.code, code.validUntil, page.now())}
    </dialog>
  `;
}

function codeView(code: string, validUntil: string, now: number): TemplateResult {
  const left = Date.parse(validUntil) - now;
  const minutes = left > 0 ? Math.max(1, Math.round(left / MINUTE_MILLISECONDS)) : 0;
  const half = code.length / 2;
  return html`
    <p class="code-text"><span>${code.slice(0, half)}</span><span>${code.slice(half)}</span></p>
    <p>
      ${
        minutes > 0
          ? say("teacher.codeValid", { count: minutes, time: showTime(validUntil, "time") })
          : say("teacher.codeOver")
      }
    </p>
    <p class="hint">${say("teacher.codeHint")}</p>
  `;
}

export function closeDialog(event: Event): void {
  (event.target as HTMLElement).closest("dialog")?.close();
}
