/**
 * The language menu.
 */
import { html, type TemplateResult } from "lit-html";
import { allLanguages, chooseLanguage, currentLanguage, say } from "../words/language.ts";
import { tagOf } from "../words/language-lookup.ts";

export function languageChoice(onChange: () => void): TemplateResult {
  const choose = async (event: Event) => {
    await chooseLanguage((event.target as HTMLSelectElement).value);
    onChange();
  };
  return html`
    <select class="language" aria-label=${say("app.language")} @change=${choose}>
      ${allLanguages().map(
        ({ code, name }) =>
          html`<option value=${code} lang=${tagOf(code)} ?selected=${code === currentLanguage()}>${name}</option>`,
      )}
    </select>
  `;
}
