/**
 * Who uses this browser: handles, ids and tokens. Several people can be known here, as on a shared computer, and one of
 * them is logged in. A token is as good as a password, so they are stored here and sent to this server only. All tabs
 * share them: when one of them logs out or gets a new token, the others notice. The same id in two data folders is two
 * people: both are kept, each with its folder.
 */
import type { Credentials } from "../../client/types.ts";
import { forAllTabs } from "../browser/browser-storage.ts";

/** Somebody as the server has let them in. */
export interface Newcomer extends Credentials {
  userHandle: string;
}

export interface Identity extends Newcomer {
  /** The data folder in which they are a user, as the server calls it. Missing if the server has not said it yet. */
  folder?: string;
  /** Tells them from everybody else who is known here, for good. Missing for those who came before there were folders. */
  scope?: string;
}

/** Who is logged in. */
const CURRENT = "identity";
/** Everybody who is known, in the order in which they came. */
const KNOWN = "identities";

/** A name for what the browser keeps about somebody. */
export function scopeOf({ scope, myId }: Identity): string {
  return scope ?? `${myId}`;
}

export function isSame(one: Identity | undefined, other: Identity | undefined): boolean {
  return one !== undefined && other !== undefined && scopeOf(one) === scopeOf(other);
}

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
    return this.#known.filter((each) => !isSame(each, this.#identity));
  }

  /** Logs in somebody whom the server has let in. @param folder as the server calls it, if it has said it. */
  admit(newcomer: Newcomer, folder: string | undefined): Identity {
    const { myId } = newcomer;
    const known = this.#known.find(
      (each) => each.myId === myId && (each.folder === folder || isEarlier(each, newcomer)),
    );
    const scope = known === undefined ? folder && `${myId}@${folder}` : known.scope;
    const identity = { ...newcomer, ...(folder !== undefined && { folder }), ...(scope !== undefined && { scope }) };
    this.keep(identity);
    return identity;
  }

  /** Logs somebody in, and remembers them. */
  keep(identity: Identity): void {
    const isKnown = this.isKnown(identity);
    this.#remember(
      isKnown ? this.#known.map((each) => (isSame(each, identity) ? identity : each)) : [...this.#known, identity],
    );
    this.#identity = identity;
    this.isKept = forAllTabs.write(CURRENT, identity);
  }

  /** Nobody is logged in, so that somebody else can join. Everybody stays known. */
  stepAside(): void {
    this.#identity = undefined;
    forAllTabs.remove(CURRENT);
  }

  /** Deletes somebody's token from this browser. */
  forget(identity: Identity): void {
    this.#remember(this.#known.filter((each) => !isSame(each, identity)));
    if (isSame(this.#identity, identity)) this.stepAside();
  }

  isKnown(wanted: Identity): boolean {
    return this.#known.some((each) => isSame(each, wanted));
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
    if (identity !== undefined && !this.isKnown(identity)) this.#known.push(identity);
  }
}

/** The same person, saved before the server said which folder it has. */
function isEarlier({ folder, myAuth }: Identity, newcomer: Newcomer): boolean {
  return folder === undefined && myAuth === newcomer.myAuth;
}
