/**
 * The account dialog: see your id and token, change your handle, get a new token, log out or leave.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { App } from "../../app/app.ts";
import { copyText } from "../../browser/copy-text.ts";
import type { Chat } from "../../chat/chat.ts";
import { say } from "../../words/language.ts";
import { sentenceFor } from "../../words/sentence-for.ts";
import { knownPeopleView } from "./known-people-view.ts";

export function openAccount(app: App): void {
  const { view } = app;
  view.accountError = undefined;
  view.accountNotice = undefined;
  view.isTokenShown = false;
  view.isAskedToLeave = false;
  view.isAskedToLogOut = false;
  view.forgetting = undefined;
  app.draw();
  document.querySelector<HTMLDialogElement>("dialog.account")?.showModal();
}

export function accountDialog(app: App, chat: Chat): TemplateResult {
  const { view, session } = app;
  const { myId, myAuth, userHandle } = chat.me;
  const show = (isTokenShown: boolean) => {
    view.isTokenShown = isTokenShown;
    app.draw();
  };
  // As curl wants them after `-u`, and as both fields of "I was here before" take them.
  const copy = async () => {
    const isCopied = await copyText(`${myId}:${myAuth}`);
    view.accountNotice = say(isCopied ? "moved.copied" : "moved.notCopied");
    app.draw();
  };
  return html`
    <dialog class="account" aria-labelledby="account-title">
      <header>
        <h2 id="account-title">${say("account.title")}</h2>
        <button type="button" class="close" aria-label=${say("app.close")} @click=${closeDialog}>×</button>
      </header>
      ${view.accountError === undefined ? nothing : html`<p class="error" role="alert">${view.accountError}</p>`}
      ${view.accountNotice === undefined ? nothing : html`<p class="notice" role="status">${view.accountNotice}</p>`}
      ${session.isKept ? nothing : html`<p class="notice">${say("account.notKept")}</p>`}
      <section>
        <h3>${say("account.credentials")}</h3>
        <p class="hint">${say("account.credentialsHint")}</p>
        <dl>
          <dt>${say("login.id")}</dt>
          <dd><code>${myId}</code></dd>
          <dt>${say("login.token")}</dt>
          <dd><code class="token">${view.isTokenShown ? myAuth : "•".repeat(12)}</code></dd>
        </dl>
        <div class="choice">
        <button type="button" @click=${() => show(!view.isTokenShown)}>
          ${say(view.isTokenShown ? "account.hideToken" : "account.showToken")}
        </button>
        <button type="button" @click=${() => void copy()}>${say("moved.copy")}</button>
        <button type="button" @click=${() => void renewToken(app)}>${say("account.newToken")}</button>
        </div>
      </section>
      <section>
        <h3>${say("account.handle")}</h3>
        <form @submit=${(event: SubmitEvent) => void rename(app, event)}>
          <label for="new-handle">${say("join.handle")}</label>
          <div class="row">
            <input
              id="new-handle"
              name="userHandle"
              required
              minlength="3"
              maxlength="64"
              autocomplete="off"
              autocapitalize="none"
              spellcheck="false"
              .value=${userHandle}
            />
            <button type="submit">${say("account.rename")}</button>
          </div>
        </form>
      </section>
      <section>
        <h3>${say("known.title")}</h3>
        <p class="hint">${say("known.hint")}</p>
        ${knownPeopleView(app)}
        <button type="button" @click=${() => app.addAnother()}>${say("known.add")}</button>
      </section>
      <section>
        <h3>${say("account.goAway")}</h3>
        <p class="hint">${say("account.logOutHint")}</p>
        ${logOutButtons(app, chat)}
        <p class="hint">${say("account.leaveHint")}</p>
        ${leaveButtons(app)}
      </section>
    </dialog>
  `;
}

function logOutButtons(app: App, { me }: Chat): TemplateResult {
  const { view } = app;
  const ask = (isAskedToLogOut: boolean) => {
    view.isAskedToLogOut = isAskedToLogOut;
    app.draw();
  };
  if (!view.isAskedToLogOut) {
    return html`<button type="button" @click=${() => ask(true)}>${say("account.logOut")}</button>`;
  }
  const question = say("account.reallyLogOut", { id: me.myId, handle: me.userHandle });
  return html`
    <div role="group" aria-label=${question}>
      <p>${question}</p>
      <button type="button" class="danger" @click=${() => app.leave()}>${say("account.logOutNow")}</button>
      <button type="button" @click=${() => ask(false)}>${say("app.cancel")}</button>
    </div>
  `;
}

function leaveButtons(app: App): TemplateResult {
  const { view } = app;
  const ask = (isAskedToLeave: boolean) => {
    view.isAskedToLeave = isAskedToLeave;
    app.draw();
  };
  if (!view.isAskedToLeave) {
    return html`<button type="button" class="danger" @click=${() => ask(true)}>${say("account.leave")}</button>`;
  }
  return html`
    <div role="group" aria-label=${say("account.reallyLeave")}>
      <p>${say("account.reallyLeave")}</p>
      <button type="button" class="danger" @click=${() => void leaveForGood(app)}>${say("account.leaveNow")}</button>
      <button type="button" @click=${() => ask(false)}>${say("app.cancel")}</button>
    </div>
  `;
}

function closeDialog(event: Event): void {
  (event.target as HTMLElement).closest("dialog")?.close();
}

async function rename(app: App, event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const userHandle = String(new FormData(event.target as HTMLFormElement).get("userHandle"));
  await attempt(app, async () => {
    const { userId } = await app.clientForOnce().changeUser({ userHandle });
    app.change(userId, { userHandle: userHandle.normalize("NFC") });
    app.view.accountNotice = say("account.renamed", { handle: userHandle });
  });
}

async function renewToken(app: App): Promise<void> {
  await attempt(app, async () => {
    const { userId, authToken } = await app.clientForOnce().changeUser({ rotateAuth: true });
    app.change(userId, { myAuth: authToken });
    app.view.accountNotice = say("account.renewed");
  });
}

async function leaveForGood(app: App): Promise<void> {
  await attempt(app, async () => {
    const { userId } = await app.clientForOnce().removeUser();
    if (app.session.identity?.myId === userId) app.leave(say("account.left"));
  });
}

async function attempt(app: App, work: () => Promise<void>): Promise<void> {
  const { view } = app;
  view.accountError = undefined;
  view.accountNotice = undefined;
  try {
    await work();
  } catch (error) {
    view.accountError = sentenceFor(error);
  }
  app.draw();
}
