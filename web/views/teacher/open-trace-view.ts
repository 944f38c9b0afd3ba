/**
 * What the server did with the last request of a pupil that failed: the glass, beside the list of pupils.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { OpenTrace } from "../../teacher/leading.ts";
import type { TeacherPage } from "../../teacher/teacher-page.ts";
import { say } from "../../words/language.ts";
import { folderView } from "../glass/folder-view.ts";
import { playerControls } from "../glass/player-controls.ts";
import { stepsView } from "../glass/steps-view.ts";
import { statusView } from "../status-view.ts";
import { withCode } from "../with-code.ts";

export function openTraceView(page: TeacherPage, { pupil, trace }: OpenTrace): TemplateResult {
  const { leading } = page;
  const close = () => {
    leading.closeTrace();
    page.draw();
    queueMicrotask(() => {
      const find = (name: string) => document.querySelector<HTMLElement>(`#${name}-${pupil.userId}`);
      (find("trace") ?? find("pupil"))?.focus();
    });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") close();
  };
  return html`
    <aside class="glass open-trace" aria-labelledby="open-trace-title" @keydown=${onKey}>
      <header class="glass-bar">
        <h2 id="open-trace-title" tabindex="-1"><bdi>${pupil.userHandle}</bdi></h2>
        <button type="button" class="close" aria-label=${say("glass.close")} @click=${close}>×</button>
      </header>
      <div class="glass-content">
        ${
          trace === undefined
            ? html`<p class="empty">${say("teacher.traceGone")}</p>`
            : html`
                <section class="explained" aria-label=${say("glass.explained")}>
                  <p class="call">${statusView(trace.status)} <b>${trace.request.method}</b> ${trace.request.path}</p>
                  ${trace.reason === undefined ? nothing : html`<p class="refusal">${withCode(trace.reason)}</p>`}
                  ${
                    trace.steps.length === 0
                      ? nothing
                      : html`${playerControls({ glass: leading })}${stepsView({ glass: leading }, trace)}
                        ${folderView({ glass: { player: leading.player, requests: [], shows: "class" } })}`
                  }
                </section>
              `
        }
      </div>
    </aside>
  `;
}
