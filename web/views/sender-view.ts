/**
 * Who sent a request of the class. A name that the server has not proved is never shown alone: anybody may claim to be
 * somebody else.
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { SeenRequest } from "../glass/seen-request.ts";
import { say } from "../words/language.ts";

/** Around the name, so that the direction of its letters does not move the words beside it. */
const ISOLATED = ["\u2068", "\u2069"] as const;

export function senderView({ sender, isClaimed }: SeenRequest): TemplateResult | typeof nothing {
  if (sender === undefined) return nothing;
  if (isClaimed !== true) return html`<bdi class="sender">${sender}</bdi>`;
  return html`<bdi class="sender claimed">${say("glass.claims", { handle: ISOLATED.join(sender) })}</bdi>`;
}
