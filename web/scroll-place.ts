/**
 * Keeps what one reads where it is while messages come in above it or below it. Who is at the end stays at the end, unless
 * it is only the end of what was fetched so far.
 */

/** So close to the end counts as being there. */
const END_PIXELS = 48;

/** @returns puts things back to where they were, once the list is drawn anew. */
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

/** The uppermost message that can be seen, and how far it is below the upper edge. */
function placeIn(list: HTMLElement): { id: string; top: number } | undefined {
  for (const element of list.querySelectorAll<HTMLElement>("[id]")) {
    const top = element.offsetTop - list.scrollTop;
    if (top + element.offsetHeight > 0) return { id: element.id, top };
  }
  return undefined;
}

/** When the list becomes lower, as when the keyboard of a phone comes up, whoever was at its end stays there. */
export class EndKeeper {
  #list: HTMLElement | null = null;
  #isAtEnd = true;
  readonly #observer = new ResizeObserver(() => {
    if (this.#list !== null && this.#isAtEnd) this.#list.scrollTop = this.#list.scrollHeight;
  });

  /** Looks after this list from now on; after the one before no longer. */
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
