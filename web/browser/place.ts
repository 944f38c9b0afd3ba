/**
 * Where the user is in the page, as the browser's history knows it: first the list of people, then a conversation, and
 * on a small screen the glass on top. So Back leads from a conversation to the list, and only from there to another
 * site, and after a reload the same conversation is open.
 */

interface Entry {
  /** Who was there. Somebody else who logs in later must not come to a conversation of theirs. */
  scope?: string;
  /** The userId of the other person. */
  openId?: number | undefined;
  isGlass?: boolean;
}

export class Place {
  /** @param onMove is called when the user goes back or forward. */
  constructor(onMove: () => void) {
    addEventListener("popstate", onMove);
  }

  /** The other person in the conversation that was open here. */
  openIdOf(scope: string): number | undefined {
    return this.#entry.scope === scope ? this.#entry.openId : undefined;
  }

  get isGlass(): boolean {
    return this.#entry.isGlass === true;
  }

  /** A conversation is open. From one to another is no step: Back leads to the list from each of them. */
  goTo(scope: string, openId: number): void {
    const entry: Entry = { scope, openId };
    if (this.openIdOf(scope) === undefined) history.pushState(entry, "");
    else history.replaceState(entry, "");
  }

  /** The glass covers everything else. */
  goToGlass(): void {
    history.pushState({ ...this.#entry, isGlass: true } satisfies Entry, "");
  }

  /** As the browser's own button does. The page hears of it a moment later. */
  back(): void {
    history.back();
  }

  /** Nobody is here any more. */
  forget(): void {
    if (this.#entry.scope !== undefined) history.replaceState(null, "");
  }

  get #entry(): Entry {
    const state: unknown = history.state;
    return typeof state === "object" && state !== null ? state : {};
  }
}

/** Whether the screen shows only one thing at a time: the same width as in styles/chat.css. */
export function isSmallScreen(): boolean {
  return matchMedia("(max-width: 47.99rem)").matches;
}
