/**
 * Keeps the text that the user is reading in place when messages appear above or below it. If the user is at the end,
 * the list stays at the end, unless more messages follow that are not loaded yet.
 */

/** A list this close to its end counts as being at the end. */
const END_PIXELS = 48;

/** @returns a function that scrolls back to the same place after the list has been drawn again. */
export function noteScrollPlace(list: HTMLElement | null): (drawn: HTMLElement | null) => void {
  const conversation = list?.dataset.conversation;
  const isToStay = list !== null && (list.dataset.hasNewer === "true" || !isAtEnd(list));
  const place = isToStay ? placeIn(list) : undefined;
  return (drawn) => {
    if (drawn === null) return;
    const isSame = conversation === drawn.dataset.conversation;
    const element = isSame && place !== undefined ? document.getElementById(place.id) : null;
    if (element === null || place === undefined) {
      if (!isSame || place === undefined) drawn.scrollTop = drawn.scrollHeight;
      return;
    }
    drawn.scrollTop += element.offsetTop - drawn.scrollTop - place.top;
  };
}

export function isAtEnd(list: HTMLElement): boolean {
  return list.scrollHeight - list.scrollTop - list.clientHeight < END_PIXELS;
}

/** The topmost visible message, and how far it is below the top edge. */
function placeIn(list: HTMLElement): { id: string; top: number } | undefined {
  for (const element of list.querySelectorAll<HTMLElement>("[id]")) {
    const top = element.offsetTop - list.scrollTop;
    if (top + element.offsetHeight > 0) return { id: element.id, top };
  }
  return undefined;
}

/** Keeps a list at its end when it gets shorter, as when the keyboard of a phone appears. */
export class EndKeeper {
  #list: HTMLElement | null = null;
  #isAtEnd = true;
  readonly #observer = new ResizeObserver(() => {
    if (this.#list !== null && this.#isAtEnd) this.#list.scrollTop = this.#list.scrollHeight;
  });

  /** Watches this list from now on, instead of the one before. */
  watch(list: HTMLElement | null): void {
    if (list === this.#list) return;
    this.#observer.disconnect();
    this.#list = list;
    if (list === null) return;
    this.#isAtEnd = true;
    list.addEventListener("scroll", () => {
      this.#isAtEnd = isAtEnd(list) && list.dataset.hasNewer !== "true";
    });
    this.#observer.observe(list);
  }
}
