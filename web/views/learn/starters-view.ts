/**
 * The starters to download, each with the command that starts it, and check.mjs if the class server has it.
 */
import { html, type TemplateResult } from "lit-html";
import { inWords, openStartsOf, startOf } from "../../learn/course.ts";
import type { LearnPage } from "../../learn/learn-page.ts";
import { say } from "../../words/language.ts";
import { codeView } from "./markdown-view.ts";

export function startersView({ course }: LearnPage): TemplateResult {
  const starters = course?.starters ?? [];
  return html`
    <section class="starters" aria-labelledby="starters-title">
      <h2 id="starters-title">${say("learn.starters")}</h2>
      <p>${say(starters.length === 0 ? "learn.noStarters" : "learn.startersHint")}</p>
      <ul>
        ${starters.map(
          (each) =>
            html`<li>
              <h3>${each.name}</h3>
              <a href="/learn/${each.path}" download>${each.path.replace(/^.*\//, "")}</a>
              ${codeView(startOf(each), say("learn.start"))}
              <details>
                <summary>${say("learn.startOpen")}</summary>
                ${openStartsOf(each).map(({ terminal, command }) => codeView(command, terminal))}
              </details>
              <p class="hint">${inWords(each.install)}</p>
            </li>`,
        )}
      </ul>
      <h3>${say("learn.ownCheck")}</h3>
      ${
        course?.hasCheckProgram === true
          ? html`<p>${say("learn.ownCheckHint")}</p>
              <a href="/learn/check.mjs" download>check.mjs</a>
              ${codeView("node check.mjs :8000 --lesson 1", say("learn.start"))}`
          : html`<p class="hint">${say("learn.noCheckProgram")}</p>`
      }
    </section>
  `;
}
