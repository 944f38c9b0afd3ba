/**
 * The way back for a pupil who was here before and has lost the token: a code from the teacher.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { App } from "../../app/app.ts";
import { say } from "../../words/language.ts";
import { sentenceFor } from "../../words/sentence-for.ts";

export function rejoinForm(app: App): TemplateResult {
  const { view } = app;
  return html`
      <p class="hint">${say("class.rejoinHint")}</p>
      <form @submit=${(event: SubmitEvent) => void rejoin(app, event)}>
        <label for="rejoin-handle">${say("class.oldHandle")}</label>
        <input
          id="rejoin-handle"
          name="userHandle"
          required
          minlength="3"
          maxlength="64"
          autocomplete="nickname"
          autocapitalize="none"
          spellcheck="false"
        />
        <label for="rejoin-code">${say("class.code")}</label>
        <input
          id="rejoin-code"
          name="rejoinCode"
          required
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
        />
        ${view.rejoinError === undefined ? nothing : html`<p class="error" role="alert">${view.rejoinError}</p>`}
        <button type="submit" ?disabled=${view.isJoining}>${say("class.comeBack")}</button>
      </form>
  `;
}

async function rejoin(app: App, event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const fields = new FormData(event.target as HTMLFormElement);
  const { view } = app;
  view.isJoining = true;
  view.rejoinError = undefined;
  app.draw();
  try {
    const userHandle = String(fields.get("userHandle") ?? "").trim();
    const rejoinCode = codeMeantBy(String(fields.get("rejoinCode") ?? ""));
    await app.askFolder();
    const { userId: myId, authToken: myAuth, ...me } = await app.clientForOnce().rejoin({ userHandle, rejoinCode });
    app.become({ myId, myAuth, userHandle: me.userHandle });
  } catch (error) {
    view.rejoinError = sentenceFor(error);
  }
  view.isJoining = false;
  app.draw();
}

/** The teacher's page shows a code in two halves, and people read it out like that. */
function codeMeantBy(typed: string): string {
  return typed.replace(/[\s-]/g, "").toUpperCase();
}
