/**
 * The end of a lesson: save the class, put it away, open an earlier one. Nothing here removes anything, but everybody has
 * to join again, so the page asks first.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Archive } from "../../../client/teacher-types.ts";
import type { TeacherPage } from "../../teacher/teacher-page.ts";
import { say } from "../../words/language.ts";
import { showTime } from "../../words/times.ts";
import { errorView } from "./class-controls-view.ts";
import { closeDialog } from "./code-view.ts";

const MAX_CHARACTERS = 64;

export function openEnd({ classEnd }: TeacherPage): void {
  void classEnd.load();
  document.querySelector<HTMLDialogElement>("dialog.end")?.showModal();
}

export function endDialog(page: TeacherPage): TemplateResult {
  const { classEnd } = page;
  return html`
    <dialog class="end" aria-labelledby="end-title" @close=${() => classEnd.ask(undefined)}>
      <header>
        <h2 id="end-title">${say("teacher.end")}</h2>
        <button type="button" class="close" aria-label=${say("app.close")} @click=${closeDialog}>×</button>
      </header>
      ${saveView(page)} ${endView(page)} ${archivesView(page)}
    </dialog>
  `;
}

function saveView({ classEnd, leading: { attempts } }: TeacherPage): TemplateResult {
  return html`
    <section>
      <h3>${say("teacher.save")}</h3>
      <p class="hint">${say("teacher.saveHint")}</p>
      <button type="button" ?disabled=${attempts.isRunning("export")} @click=${() => void classEnd.save()}>
        ${say("teacher.saveNow")}
      </button>
      ${errorView(attempts.errorAt("export"))}
    </section>
  `;
}

function endView(page: TeacherPage): TemplateResult {
  const { classEnd, leading, roster } = page;
  const { attempts } = leading;
  const count = roster.rows.filter(({ hasLeft }) => !hasLeft).length;
  const name = (event: Event) => {
    classEnd.label = (event.target as HTMLInputElement).value;
  };
  const submit = (event: Event) => {
    event.preventDefault();
    classEnd.ask("end");
  };
  return html`
    <section>
      <h3>${say("teacher.putAway")}</h3>
      <p class="hint">${say("teacher.putAwayHint")}</p>
      <form @submit=${submit}>
        <label for="class-label">${say("teacher.label")}</label>
        <input
          id="class-label"
          maxlength=${MAX_CHARACTERS}
          autocomplete="off"
          dir="auto"
          .value=${live(classEnd.label)}
          @input=${name}
        />
        <button type="submit" ?disabled=${classEnd.isEnding}>${say("teacher.putAwayNow")}</button>
      </form>
      ${
        classEnd.asksAbout === "end"
          ? questionView(page, say("teacher.reallyPutAway", { count }), say("teacher.reallyPutAwayNow"), () =>
              classEnd.end(),
            )
          : nothing
      }
      ${classEnd.isEnding ? html`<p role="status">${say("teacher.ending")}</p>` : nothing}
      ${errorView(attempts.errorAt("end"))}
    </section>
  `;
}

function questionView(
  { classEnd, leading }: TeacherPage,
  question: string,
  yes: string,
  onYes: () => Promise<boolean>,
): TemplateResult {
  const sure = () => void onYes().then(() => classEnd.ask(undefined));
  return html`
    <div class="question" role="group" aria-label=${question}>
      <p role="alert">${question}</p>
      <button type="button" class="primary" ?disabled=${leading.attempts.isRunning("end")} @click=${sure}>${yes}</button>
      <button type="button" @click=${() => classEnd.ask(undefined)}>${say("app.cancel")}</button>
    </div>
  `;
}

/** Earlier classes. Also shown before anybody leads a new one: perhaps the teacher wants to go on with an earlier. */
export function archivesView(page: TeacherPage): TemplateResult | typeof nothing {
  const { classEnd, leading } = page;
  const { archives } = classEnd;
  if (archives === undefined || archives.length === 0) return nothing;
  return html`
    <section>
      <h3>${say("teacher.earlier")}</h3>
      <ul class="archives">
        ${archives.map(
          (each) => html`
            <li>
              <span class="archive"><bdi>${each.label ?? each.archive}</bdi> ${factsOf(each)}</span>
              <button type="button" ?disabled=${classEnd.isEnding} @click=${() => classEnd.ask(each)}>
                ${say("teacher.openClass")}
              </button>
              ${
                classEnd.isAskedAbout(each)
                  ? questionView(page, say("teacher.reallyOpen"), say("teacher.reallyOpenNow"), () =>
                      classEnd.open(each),
                    )
                  : nothing
              }
            </li>
          `,
        )}
      </ul>
      ${errorView(leading.attempts.errorAt("archives"))}
    </section>
  `;
}

function factsOf({ endedAt, userCount }: Archive): TemplateResult | typeof nothing {
  if (endedAt === undefined) return nothing;
  const people = userCount === undefined ? "" : `, ${say("teacher.people", { count: userCount })}`;
  return html`<span class="hint">${showTime(endedAt, "short")}${people}</span>`;
}
