/**
 * The status of a reply, with a colour: 200 is good, 404 is the sender's mistake, 507 is a problem of the server.
 */
import { html, type TemplateResult } from "lit-html";

/** @param status undefined while there is no reply, 0 if none will come. */
export function statusView(status: number | undefined): TemplateResult {
  const text = status === undefined ? "…" : status === 0 ? "–" : String(status);
  return html`<span class="status" data-kind=${kindOf(status)}>${text}</span>`;
}

function kindOf(status: number | undefined): string {
  if (status === undefined) return "open";
  if (status === 0 || status >= 500) return "fault";
  return status < 400 ? "good" : "refused";
}
