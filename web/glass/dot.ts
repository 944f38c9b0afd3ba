/**
 * Moves the dot to the step that it is at. Where it goes is known only when the steps are drawn; how it gets there is
 * said in the style sheet.
 */

/** So much of what stands above is left to be seen. */
const MARGIN_PIXELS = 6;

export function placeDot(steps: HTMLElement | null): void {
  const dot = steps?.querySelector<HTMLElement>(".dot");
  const step = steps?.querySelector<HTMLElement>("[aria-current]");
  if (steps === null || !dot) return;
  dot.hidden = !step;
  if (!step) return;
  dot.style.translate = `0 ${step.offsetTop}px`;
  // Only when the dot has moved: whoever scrolls somewhere else meanwhile is let.
  const id = step.dataset.step;
  if (dot.dataset.at === id) return;
  dot.dataset.at = id;
  showLitFile();
  // On a low screen not the steps scroll, but the glass as a whole.
  const scroller = steps.scrollHeight > steps.clientHeight ? steps : steps.closest<HTMLElement>(".glass-content");
  if (scroller === null || isInView(step, scroller)) return;
  scroller.scrollTop += step.getBoundingClientRect().top - scroller.getBoundingClientRect().top - MARGIN_PIXELS;
}

/** The data folder may be longer than its place: the file that the step touches is brought into view. */
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
