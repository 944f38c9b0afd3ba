/**
 * The request as code, to copy and try.
 */
import { html, type TemplateResult } from "lit-html";
import type { App } from "../../app/app.ts";
import { copyText } from "../../browser/copy-text.ts";
import type { SeenRequest } from "../../glass/seen-request.ts";
import { SNIPPET_LANGUAGES, type SnippetLanguage, snippet } from "../../glass/snippets.ts";
import { say } from "../../words/language.ts";

export function snippetsView(app: App, request: SeenRequest): TemplateResult {
  const { view, session } = app;
  const { snippetLanguage } = view;
  const choose = (language: SnippetLanguage) => () => {
    view.snippetLanguage = language;
    view.copied = undefined;
    app.draw();
  };
  // Everybody in the room can see the screen. Only the copy has the user's id and token in it, so that it runs.
  const isOwn = request.sender === undefined;
  const copy = async () => {
    const text = snippet(snippetLanguage, location.origin, request, isOwn ? session.identity : undefined);
    view.copied = (await copyText(text)) ? request.key : undefined;
    app.draw();
  };
  return html`
    <details class="snippets">
      <summary>${say("snippets.name")}</summary>
      <div class="choice" role="group" aria-label=${say("snippets.language")}>
        ${SNIPPET_LANGUAGES.map(
          (
            language,
          ) => html`<button type="button" aria-pressed=${language === snippetLanguage} @click=${choose(language)}>
            ${language}
          </button>`,
        )}
        <button type="button" class="copy" @click=${() => void copy()}>
          ${say(view.copied === request.key ? "snippets.copied" : "snippets.copy")}
        </button>
      </div>
      <pre role="group" tabindex="0" aria-label=${snippetLanguage}><code>${snippet(snippetLanguage, location.origin, request)}</code></pre>
      ${isOwn && request.hasCredentials ? html`<p class="hint">${say("snippets.hint")}</p>` : ""}
    </details>
  `;
}
