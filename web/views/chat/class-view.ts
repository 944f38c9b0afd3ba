/**
 * What the chat shows in class mode only: why one cannot write, that everybody can read it, the hand, and who the
 * teacher is.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { Message } from "../../../client/types.ts";
import type { App } from "../../app/app.ts";
import type { Chat } from "../../chat/chat.ts";
import { say } from "../../words/language.ts";
import { sentenceFor } from "../../words/sentence-for.ts";

/** Above the field where one writes, or above everything while no conversation is open. */
export function writingNotice({ view }: App, chat: Chat): TemplateResult {
  const { whyNoWriting, state } = chat.inClass;
  const phrase = whyNoWriting ?? (state.showsTexts === true ? "class.textsShown" : undefined);
  const kind = whyNoWriting === undefined ? "" : "stopped";
  return html`
    <p class="class-notice ${kind}" id="class-notice" role="status">${phrase === undefined ? nothing : say(phrase)}</p>
    ${view.handError === undefined ? nothing : html`<p class="class-notice error" role="alert">${view.handError}</p>`}
  `;
}

/** The teacher helps others, and raises no hand. Before the list of people is here, nobody knows who that is. */
export function handButton(app: App, chat: Chat): TemplateResult | typeof nothing {
  if (!app.glass.isClass || !chat.people.isLoaded || chat.inClass.isTeacher) return nothing;
  const isUp = chat.inClass.state.isHandUp === true;
  const raise = async () => {
    try {
      app.view.handError = undefined;
      await chat.inClass.raiseHand(!isUp);
    } catch (error) {
      app.view.handError = sentenceFor(error);
    }
    app.draw();
  };
  return html`
    <button type="button" class="hand-button" aria-pressed=${isUp} @click=${() => void raise()}>
      ${say("class.raiseHand")}
    </button>
  `;
}

/** Beside a handle. Nobody but the teacher gets it, however they call themselves. */
export function teacherMark(isTeacher: boolean): TemplateResult | typeof nothing {
  return isTeacher ? html`<span class="teacher-mark">${say("class.teacher")}</span>` : nothing;
}

/** Beside the time of a message. */
export function messageMarks({ isTeacher, isToAll }: Message): TemplateResult {
  return html`${teacherMark(isTeacher === true)}${isToAll === true ? html`<span>· ${say("class.toAll")}</span>` : nothing}`;
}
