/**
 * Who sent a request, whether that is the teacher, and for how many requests it stands: "ada: 120 requests".
 */
import { html, nothing, type TemplateResult } from "lit-html";
import type { ShownRequest } from "../../projector/class-feed.ts";
import type { Projector } from "../../projector/projector.ts";
import { say } from "../../words/language.ts";
import { senderView } from "../sender-view.ts";

export function wallSender(projector: Projector, request: ShownRequest): TemplateResult {
  const { count, trace } = request;
  return html`<span class="who">
    ${senderView(request)}${projector.isTeacher(trace) ? teacherMark() : nothing}${
      count === 1 ? nothing : html`<span class="flood">: ${say("projector.flood", { count })}</span>`
    }
  </span>`;
}

export function teacherMark(): TemplateResult {
  return html` <span class="teacher-mark">${say("projector.teacher")}</span>`;
}
