/**
 * Opens the trace of a pupil's last request beside the list. The view of it comes with the first one that is opened, so
 * that the list comes sooner.
 */
import { nothing, type TemplateResult } from "lit-html";
import type { TeacherPage } from "../../teacher/teacher-page.ts";

let view: typeof import("./open-trace-view.ts") | undefined;

export function traceBeside(page: TeacherPage): TemplateResult | typeof nothing {
  const { openTrace: open } = page.leading;
  return open === undefined || view === undefined ? nothing : view.openTraceView(page, open);
}

/** Opens the trace and moves the focus there. Without a connection to the server nothing happens: try again. */
export async function openTrace(page: TeacherPage, userId: number): Promise<void> {
  const { leading, roster } = page;
  view ??= await import("./open-trace-view.ts").catch(() => undefined);
  const pupil = roster.rows.find((row) => row.pupil.userId === userId)?.pupil;
  if (view === undefined || pupil === undefined) return;
  leading.showTrace(pupil);
  page.draw();
  queueMicrotask(() => document.querySelector<HTMLElement>(".open-trace h2")?.focus());
}
