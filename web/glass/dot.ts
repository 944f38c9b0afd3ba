/**
 * Moves the dot to the current step. Only after the steps are drawn does the page know where that is. The style sheet
 * says how the dot gets there.
 */

/** How much of the step above stays visible. */
const MARGIN_PIXELS = 6;

export function placeDot(steps: HTMLElement | null): void {
  const dot = steps?.querySelector<HTMLElement>(".dot");
  const step = steps?.querySelector<HTMLElement>("[aria-current]");
  if (steps === null || !dot) return;
  dot.hidden = !step;
  if (!step) return;
  dot.style.translate = `0 ${step.offsetTop}px`;
  // Scroll only when the dot has moved, so that the user can look somewhere else in the meantime.
  const id = step.dataset.step;
  if (dot.dataset.at === id) return;
  dot.dataset.at = id;
  showLitFile();
  // On a low screen the whole glass scrolls, not only the steps.
  const scroller = steps.scrollHeight > steps.clientHeight ? steps : steps.closest<HTMLElement>(".glass-content");
  if (scroller === null || isInView(step, scroller)) return;
  scroller.scrollTop += step.getBoundingClientRect().top - scroller.getBoundingClientRect().top - MARGIN_PIXELS;
}

/** Scrolls the data folder to the file that the step touches: the folder may be longer than its place. */
function showLitFile(): void {
  const file = document.querySelector<HTMLElement>(".file-name[data-lit]");
  const folder = file?.closest<HTMLElement>(".folder");
  if (!file || !folder || isInView(file, folder)) return;
  folder.scrollTop = file.offsetTop - folder.clientHeight / 2;
}

function isInView(element: HTMLElement, scroller: HTMLElement): boolean {
  const [inner, outer] = [element.getBoundingClientRect(), scroller.getBoundingClientRect()];
  return inner.top >= outer.top && inner.bottom <= outer.bottom;
}
