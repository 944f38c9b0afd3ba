/**
 * How pupils get in: the address, its QR code and the class secret, as the projector shows them. The secret is shown
 * only when the teacher asks for it, and is gone when the dialog closes.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import { waysIn } from "../../projector/class-addresses.ts";
import type { TeacherPage } from "../../teacher/teacher-page.ts";
import { say } from "../../words/language.ts";
import { qrView } from "../qr-view.ts";
import { errorView } from "./class-controls-view.ts";
import { closeDialog } from "./code-view.ts";

export function openWayIn(): void {
  document.querySelector<HTMLDialogElement>("dialog.way-in")?.showModal();
}

export function wayInDialog(page: TeacherPage): TemplateResult {
  const { leading, addresses, facts } = page;
  const { secret, attempts } = leading;
  const address = leading.address !== undefined && addresses.includes(leading.address) ? leading.address : addresses[0];
  const ways = address === undefined ? undefined : waysIn(address, addresses);
  const choose = (event: Event) => {
    leading.address = (event.target as HTMLSelectElement).value;
    page.draw();
  };
  const hide = () => {
    leading.secret = undefined;
    attempts.forget("secret");
    page.draw();
  };
  return html`
    <dialog class="way-in" aria-labelledby="way-in-title" @close=${hide}>
      <header>
        <h2 id="way-in-title">${say("projector.join")}</h2>
        <button type="button" class="close" aria-label=${say("app.close")} @click=${closeDialog}>×</button>
      </header>
      ${
        ways === undefined
          ? nothing
          : html`${qrView(`${ways.scanned}/?join`, `${say("projector.join")}: ${ways.scanned}`)}
              <p class="address">${address}</p>
              ${ways.other === undefined ? nothing : html`<p class="other-address">${say("projector.orAt", { address: ways.other })}</p>`}`
      }
      ${
        addresses.length > 1
          ? html`<select aria-label=${say("projector.address")} @change=${choose}>
              ${addresses.map((each) => html`<option ?selected=${each === address}>${each}</option>`)}
            </select>`
          : nothing
      }
      ${facts !== undefined && address === undefined ? html`<p class="error">${say("projector.noNetwork")}</p>` : nothing}
      ${
        secret === undefined
          ? html`<button type="button" ?disabled=${attempts.isRunning("secret")} @click=${() => void leading.showSecret()}>
              ${say("projector.showSecret")}
            </button>`
          : html`<p class="hint">${say("projector.secret")}</p>
              <p class="secret">${secret}</p>
              <button type="button" @click=${hide}>${say("projector.hideSecret")}</button>`
      }
      ${errorView(attempts.errorAt("secret"))}
    </dialog>
  `;
}
