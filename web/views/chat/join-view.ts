/**
 * Two forms: one to join with a handle and the class secret, and one to log in with an id and a token, for someone who
 * was here before: on another device, or at another address of the server, for which the browser keeps things apart.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { ChatError } from "../../../client/chat-error.ts";
import type { App } from "../../app/app.ts";
import { secretsMeantBy } from "../../app/secret-as-typed.ts";
import { say } from "../../words/language.ts";
import { sentenceFor } from "../../words/sentence-for.ts";
import { knownPeopleView } from "./known-people-view.ts";

export function joinView(app: App): TemplateResult {
  const { view, session } = app;
  return html`
    <main class="join">
      <div class="card">
        <h2>${say("join.title")}</h2>
        ${view.notice === undefined ? nothing : html`<p class="notice" role="status">${view.notice}</p>`}
        ${
          session.identity === undefined
            ? nothing
            : html`<button type="button" @click=${() => app.tryAgain()}>
                ${say("join.tryAgain", { handle: session.identity.userHandle })}
              </button>`
        }
        ${knownPeopleView(app)}
        <p class="server">${say("join.server")} <strong>${location.origin}</strong></p>
        <form @submit=${(event: SubmitEvent) => void join(app, event)}>
          <label for="handle">${say("join.handle")}</label>
          <input
            id="handle"
            name="userHandle"
            required
            minlength="3"
            maxlength="64"
            autocomplete="nickname"
            autocapitalize="none"
            spellcheck="false"
            aria-describedby="handle-hint"
          />
          <p class="hint" id="handle-hint">${say("join.handleHint")}</p>
          <label for="secret">${say("join.secret")}</label>
          <input
            id="secret"
            name="secret"
            required
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            aria-describedby="secret-hint"
          />
          <p class="hint" id="secret-hint">${say("join.secretHint")}</p>
          ${
            view.joinError === undefined
              ? nothing
              : html`<p class="error" role="alert">${view.joinError}
                  ${view.isHandleTaken ? say("join.isItYours") : nothing}</p>`
          }
          <button type="submit" class="primary" ?disabled=${view.isJoining}>${say("join.join")}</button>
        </form>
        <details ?open=${view.isHandleTaken}>
          <summary>${say("login.title")}</summary>
          <p class="hint">${say("login.hint")}</p>
          <form @submit=${(event: SubmitEvent) => void logIn(app, event)} @paste=${pasteBoth}>
            <label for="my-id">${say("login.id")}</label>
            <input id="my-id" name="myId" required inputmode="numeric" pattern="[0-9]+" autocomplete="username" />
            <label for="my-auth">${say("login.token")}</label>
            <input
              id="my-auth"
              name="myAuth"
              required
              type="password"
              autocomplete="current-password"
              autocapitalize="none"
              spellcheck="false"
            />
            <button type="submit" ?disabled=${view.isJoining}>${say("login.logIn")}</button>
          </form>
        </details>
        ${app.glass.isClass ? rejoinView(app) : nothing}
        <p class="more"><a href="/docs">${say("join.docs")}</a></p>
      </div>
    </main>
  `;
}

/** Only a class has a teacher who can make a code. */
function rejoinView(app: App): TemplateResult {
  return html`
    <details class="rejoin" @toggle=${() => void app.loadLater()}>
      <summary>${say("class.rejoin")}</summary>
      ${app.later?.rejoinForm(app)}
    </details>
  `;
}

async function join(app: App, event: SubmitEvent): Promise<void> {
  const fields = fieldsOf(event);
  await attempt(app, async () => {
    const userHandle = fields.text("userHandle").trim();
    const { userId, authToken } = await register(app, secretsMeantBy(fields.text("secret")), userHandle);
    app.become({ myId: userId, myAuth: authToken, userHandle: userHandle.normalize("NFC") }, { isNew: true });
  });
}

/** Tries one secret after the other. @throws {ChatError} if the server refuses all of them, or anything else. */
async function register(
  app: App,
  [secret = "", ...others]: string[],
  userHandle: string,
): Promise<{ userId: number; authToken: string }> {
  try {
    return await app.clientForOnce().registerUser({ secret, userHandle });
  } catch (error) {
    const isWrongSecret = error instanceof ChatError && error.field === "secret";
    if (!isWrongSecret || others.length === 0) throw error;
    return register(app, others, userHandle);
  }
}

/** Both together, as the pages copy them, go into both fields. */
function pasteBoth(event: ClipboardEvent): void {
  const [, myId, myAuth] = /^\s*(\d+):(\S+)\s*$/.exec(event.clipboardData?.getData("text") ?? "") ?? [];
  if (myId === undefined || myAuth === undefined) return;
  event.preventDefault();
  for (const [name, value] of [
    ["myId", myId],
    ["myAuth", myAuth],
  ]) {
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem(name ?? "");
    if (field instanceof HTMLInputElement) field.value = value ?? "";
  }
}

async function logIn(app: App, event: SubmitEvent): Promise<void> {
  const fields = fieldsOf(event);
  await attempt(app, async () => {
    // Both together, as for curl, are one text with a colon.
    const [, pastedId, pastedToken] = /^(\d+):(.+)$/.exec(fields.text("myAuth").trim()) ?? [];
    const myId = Number(pastedId ?? fields.text("myId").trim());
    const credentials = { myId, myAuth: pastedToken ?? fields.text("myAuth").trim() };
    // The server shows the list only to a user with the right token, and the list has their handle in it.
    const { users } = await app.clientForOnce(credentials).listUsers({ after: credentials.myId - 1, limit: 1 });
    const me = users.find(({ userId }) => userId === credentials.myId);
    app.become({ ...credentials, userHandle: me?.userHandle ?? `#${credentials.myId}` });
  });
}

async function attempt(app: App, work: () => Promise<void>): Promise<void> {
  const { view } = app;
  view.isJoining = true;
  view.joinError = undefined;
  view.isHandleTaken = false;
  app.draw();
  try {
    await app.askFolder();
    await work();
  } catch (error) {
    view.joinError = sentenceFor(error);
    // The teacher's own handle is never the pupil's.
    view.isHandleTaken = error instanceof ChatError && error.status === 409 && error.step !== "register.post.3.1";
  }
  view.isJoining = false;
  app.draw();
}

function fieldsOf(event: SubmitEvent): { text: (name: string) => string } {
  event.preventDefault();
  const data = new FormData(event.target as HTMLFormElement);
  return { text: (name) => String(data.get(name) ?? "") };
}
