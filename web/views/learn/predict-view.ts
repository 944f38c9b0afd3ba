/**
 * "Predict first": questions with answers to choose from. The right one is shown after the pupil has answered.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { atThisServer, inWords, type Lesson, type Prediction } from "../../learn/course.ts";
import type { LearnPage } from "../../learn/learn-page.ts";
import { readInline } from "../../learn/markdown.ts";
import { say } from "../../words/language.ts";
import { codeView, inlineView } from "./markdown-view.ts";

export function predictView(page: LearnPage, lesson: Lesson): TemplateResult | typeof nothing {
  if (lesson.predictions.length === 0) return nothing;
  return html`<section class="predict">
    <h3>${say("learn.predict")}</h3>
    ${lesson.predictions.map((each, number) => questionView(page, lesson, each, number))}
  </section>`;
}

function questionView(page: LearnPage, { lesson, folder }: Lesson, asked: Prediction, number: number): TemplateResult {
  const { chosen, given } = page.opened;
  const name = `question-${lesson}-${number}`;
  const answer = (event: SubmitEvent) => {
    event.preventDefault();
    const picked = chosen.get(number);
    if (picked !== undefined) given.set(number, picked);
    page.draw();
  };
  const choose = (id: string) => {
    chosen.set(number, id);
    page.draw();
  };
  const isAnswered = given.has(number);
  return html`
    <form class="question" @submit=${answer}>
      <fieldset ?disabled=${isAnswered}>
        <legend>${inlineView(readInline(inWords(asked.question)), folder)}</legend>
        ${asked.change === undefined ? nothing : changeView(asked.change)}
        ${asked.request === undefined ? nothing : codeView(atThisServer(asked.request), "Terminal")}
        ${asked.choices.map(
          ({ id, text }) =>
            html`<label class="choice-of-answer" data-right=${isAnswered && id === asked.right ? "" : nothing}>
              <input
                type="radio"
                name=${name}
                .checked=${chosen.get(number) === id}
                @change=${() => choose(id)}
              />
              <span><code lang="en" translate="no">${id}</code> ${text === id ? nothing : html`<span lang="en">${inlineView(readInline(text), folder)}</span>`}</span>
            </label>`,
        )}
      </fieldset>
      ${
        isAnswered
          ? nothing
          : html`<button type="submit" ?disabled=${!chosen.has(number)}>${say("learn.answer")}</button>`
      }
      <div role="status">${isAnswered ? answerView(asked, given.get(number) ?? "", folder) : nothing}</div>
    </form>
  `;
}

function answerView({ right, explain }: Prediction, given: string, folder: string): TemplateResult {
  return html`<p class="notice">
    <strong>${given === right ? say("learn.right") : say("learn.wrong", { right })}</strong>
    ${explain === undefined ? nothing : inlineView(readInline(inWords(explain)), folder)}
  </p>`;
}

function changeView({ find, replace }: { find: string; replace: string }): TemplateResult {
  return html`<dl class="change">
    <dt>${say("learn.before")}</dt>
    <dd><code translate="no">${find}</code></dd>
    <dt>${say("learn.after")}</dt>
    <dd><code translate="no">${replace}</code></dd>
  </dl>`;
}
