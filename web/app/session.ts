/**
 * Who uses this browser: handles, ids and tokens. Several people can be known here, as on a shared computer, and one of
 * them is logged in. A token is as good as a password, so they are stored here and sent to this server only. All tabs
 * share them: when one of them logs out or gets a new token, the others notice.
 */
import type { Credentials } from "../../client/types.ts";
import { forAllTabs } from "../browser/browser-storage.ts";

export interface Identity extends Credentials {
  userHandle: string;
}

/** Who is logged in. */
const CURRENT = "identity";
/** Everybody who is known, in the order in which they came. */
const KNOWN = "identities";

export class Session {
  #identity: Identity | undefined;
  #known: Identity[] = [];
  /** Whether the browser could save it, so that it will still be there tomorrow. */
  isKept = true;

  /** @param onChange is called when another tab has changed it. */
  constructor(onChange: () => void) {
    this.#load();
    for (const name of [CURRENT, KNOWN]) {
      forAllTabs.onChange(name, () => {
        this.#load();
        onChange();
      });
    }
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** Everybody who is known here, except whoever is logged in. */
  get others(): Identity[] {
    return this.#known.filter(({ myId }) => myId !== this.#identity?.myId);
  }

  /** Logs somebody in, and remembers them. */
  keep(identity: Identity): void {
    const isKnown = this.#known.some(({ myId }) => myId === identity.myId);
    this.#remember(
      isKnown ? this.#known.map((each) => (each.myId === identity.myId ? identity : each)) : [...this.#known, identity],
    );
    this.#identity = identity;
    this.isKept = forAllTabs.write(CURRENT, identity);
  }

  /** Logs in somebody who is known. */
  switchTo(myId: number): void {
    const identity = this.#known.find((each) => each.myId === myId);
    if (identity !== undefined) this.keep(identity);
  }

  /** Nobody is logged in, so that somebody else can join. Everybody stays known. */
  stepAside(): void {
    this.#identity = undefined;
    forAllTabs.remove(CURRENT);
  }

  /** Deletes somebody's token from this browser. */
  forget(myId: number): void {
    this.#remember(this.#known.filter((each) => each.myId !== myId));
    if (this.#identity?.myId === myId) this.stepAside();
  }

  isKnown(wanted: number): boolean {
    return this.#known.some(({ myId }) => myId === wanted);
  }

  #remember(known: Identity[]): void {
    this.#known = known;
    forAllTabs.write(KNOWN, known);
  }

  #load(): void {
    this.#identity = forAllTabs.read<Identity>(CURRENT);
    const known = forAllTabs.read<Identity[]>(KNOWN);
    this.#known = Array.isArray(known) ? known : [];
    // Saved before several people could be known.
    const identity = this.#identity;
    if (identity !== undefined && !this.isKnown(identity.myId)) this.#known.push(identity);
  }
}
