/**
 * The page of the course: the lessons at the side, the open lesson in the middle, and the check of one's own server.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { inWords, type Lesson } from "../../learn/course.ts";
import type { LearnPage } from "../../learn/learn-page.ts";
import { say } from "../../words/language.ts";
import { languageChoice } from "../language-choice.ts";
import { checkView } from "./check-view.ts";
import { lessonView } from "./lesson-view.ts";
import { startersView } from "./starters-view.ts";

export function learnView(page: LearnPage): TemplateResult {
  return html`
    <header class="bar">
      <h1 class="brand"><img src="/web/pages/favicon.svg" alt="" width="24" height="24" />${say("learn.title")}</h1>
      <div class="bar-end">
        ${languageChoice(() => page.changeLanguage())}
        <a href="/">${say("learn.toChat")}</a>
      </div>
    </header>
    ${page.course === undefined ? beforeView(page) : courseView(page)}
  `;
}

function beforeView(page: LearnPage): TemplateResult {
  const sentence = say(page.isLost ? "error.noAnswer" : "connection.connecting");
  return html`<main class="learn-before"><p class="empty" role="status">${sentence}</p></main>`;
}

function courseView(page: LearnPage): TemplateResult {
  const { course, open } = page;
  const lessons = course?.lessons ?? [];
  if (lessons.length === 0) {
    return html`<main class="learn-before"><p class="empty" role="status">${say("learn.noCourse")}</p></main>`;
  }
  if (open === undefined) {
    return html`
      <main class="learn welcome">
        <section class="text" aria-labelledby="lessons-title">
          <h2 id="lessons-title">${say("learn.lessons")}</h2>
          <p>${say("learn.welcome")}</p>
          ${listView(page, lessons)} ${problemsView(page)}
        </section>
        ${startersView(page)}
      </main>
    `;
  }
  return html`
    <div class="learn with-lesson">
      <nav class="lessons" aria-label=${say("learn.lessons")}>
        <details ?open=${isWide()}>
          <summary>${say("learn.lessons")}</summary>
          ${listView(page, lessons)}
          <p><a href="#starters">${say("learn.starters")}</a></p>
        </details>
      </nav>
      <main class="text">${lessonView(page, open)}</main>
      <aside class="check" aria-labelledby="check-title">${checkView(page, open)}</aside>
    </div>
  `;
}

/** Small screens show the lesson first. */
function isWide(): boolean {
  return matchMedia("(min-width: 48rem)").matches;
}

function listView(page: LearnPage, lessons: Lesson[]): TemplateResult {
  return html`<ol class="lesson-list">
    ${lessons.map(
      (each) =>
        html`<li>
          <a href="#${each.lesson}" aria-current=${each === page.open ? "page" : nothing}>
            <span class="number">${each.lesson}</span>
            <span class="title">${inWords(each.title)}</span>
            ${
              page.isPassed(each.lesson)
                ? html`<span class="passed" role="img" aria-label=${say("learn.isPassed")}>✓</span>`
                : html`<span class="minutes">${say("learn.minutes", { count: each.minutes })}</span>`
            }
          </a>
        </li>`,
    )}
  </ol>`;
}

function problemsView({ course }: LearnPage): TemplateResult | typeof nothing {
  const broken = course?.problems.length ?? 0;
  return broken === 0 ? nothing : html`<p class="notice">${say("learn.incomplete")}</p>`;
}
