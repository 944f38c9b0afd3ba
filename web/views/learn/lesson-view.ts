/**
 * One lesson: its text, with the hints one after the other, the questions, and where plainchat does the same.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { inWords, type Lesson } from "../../learn/course.ts";
import type { LearnPage } from "../../learn/learn-page.ts";
import type { Section } from "../../learn/markdown.ts";
import { say } from "../../words/language.ts";
import { blocksView, codeView, inlineView } from "./markdown-view.ts";
import { predictView } from "./predict-view.ts";

export function lessonView(page: LearnPage, lesson: Lesson): TemplateResult {
  const { text, course } = page;
  const place = course?.lessons.indexOf(lesson) ?? 0;
  const [before, after] = [course?.lessons[place - 1], course?.lessons[place + 1]];
  return html`
    <article lang=${text?.language ?? nothing}>
      <h2 id="lesson-title" tabindex="-1">${lesson.lesson} · ${inWords(lesson.title)}</h2>
      ${
        text === undefined
          ? html`<p class="empty" role="status">${say(page.isLost ? "learn.noText" : "connection.connecting")}</p>`
          : html`${blocksView(text.before, lesson.folder)} ${text.sections.map((each) => sectionView(page, lesson, each))}`
      }
    </article>
    ${text?.sections.some(({ hints }) => hints.length > 0) === false ? predictView(page, lesson) : nothing}
    ${codeOfPlainchat(lesson)}
    <nav class="neighbours" aria-label=${say("learn.neighbours")}>
      ${before === undefined ? nothing : html`<a href="#${before.lesson}">← ${inWords(before.title)}</a>`}
      ${after === undefined ? nothing : html`<a class="next" href="#${after.lesson}">${inWords(after.title)} →</a>`}
    </nav>
  `;
}

function sectionView(page: LearnPage, lesson: Lesson, section: Section): TemplateResult {
  const isOfHints = section.hints.length > 0;
  return html`
    ${isOfHints ? predictView(page, lesson) : nothing}
    <section>
      <h3>${inlineView(section.title, lesson.folder)}</h3>
      ${blocksView(section.blocks, lesson.folder)} ${isOfHints ? hintsView(page, lesson, section) : nothing}
    </section>
  `;
}

/** Each says more than the one before, so they open in their order. */
function hintsView(page: LearnPage, { folder }: Lesson, { hints }: Section): TemplateResult {
  const { opened } = page;
  const open = () => {
    opened.hints++;
    page.draw();
  };
  return html`
    <div aria-live="polite">
      ${hints.slice(0, opened.hints).map(
        ({ title, blocks }) => html`<h4>${inlineView(title, folder)}</h4>
          ${blocksView(blocks, folder)}`,
      )}
    </div>
    ${
      opened.hints < hints.length
        ? html`<button type="button" class="open-hint" @click=${open}>
            ${say("learn.openHint", { number: opened.hints + 1, of: hints.length })}
          </button>`
        : nothing
    }
  `;
}

function codeOfPlainchat({ plainchat }: Lesson): TemplateResult | typeof nothing {
  if (plainchat.length === 0) return nothing;
  return html`<details class="of-plainchat">
    <summary>${say("learn.ofPlainchat")}</summary>
    ${plainchat.map(({ file, text, words }) => html`<p>${inWords(words)}</p>${codeView(text, file)}`)}
  </details>`;
}
