/**
 * Says that the network holds streams back, and what that means: for the wall, the glass and the teacher's page, where
 * everybody's requests are watched.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { ConnectionState } from "../chat/connection/live-connection.ts";
import { say } from "../words/language.ts";

export function heldBackView(state: ConnectionState): TemplateResult | typeof nothing {
  return state === "waiting"
    ? html`<p class="hint held-back" role="status">${say("connection.heldBack")}</p>`
    : nothing;
}
