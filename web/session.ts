/**
 * The user of this browser: a handle, an id and a token. The token is as good as a password, so it is stored here and
 * sent to this server only. All tabs share it: when one of them logs out or gets a new token, the others notice.
 */
import type { Credentials } from "../client/types.ts";
import { forAllTabs } from "./browser-storage.ts";

export interface Identity extends Credentials {
  userHandle: string;
}

const NAME = "identity";
/** Those who were the user of this browser before, and want to go on later. */
const OTHERS = "other-identities";

export class Session {
  #identity = forAllTabs.read<Identity>(NAME);
  /** Whether the browser could save it, so that it will still be there tomorrow. */
  isKept = true;

  /** @param onChange is called when another tab has changed it. */
  constructor(onChange: () => void) {
    forAllTabs.onChange(NAME, () => {
      this.#identity = forAllTabs.read<Identity>(NAME);
      onChange();
    });
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  keep(identity: Identity): void {
    this.#identity = identity;
    this.isKept = forAllTabs.write(NAME, identity);
  }

  /** Those who can go on in this browser without typing anything. */
  get others(): Identity[] {
    return (forAllTabs.read<Identity[]>(OTHERS) ?? []).filter((other) => !this.isUser(other));
  }

  /** By handle, too: with another data folder, somebody else has the same id. */
  isUser({ myId, userHandle }: Identity): boolean {
    return this.#identity?.myId === myId && this.#identity.userHandle === userHandle;
  }

  /** Makes somebody else the user of this browser. Whoever it was before stays among the others. */
  changeTo(identity: Identity): void {
    if (this.isUser(identity)) return;
    const all = [...this.others, ...(this.#identity === undefined ? [] : [this.#identity])];
    this.keep(identity);
    forAllTabs.write(
      OTHERS,
      all.filter((other) => !this.isUser(other)),
    );
  }

  forget(): void {
    this.#identity = undefined;
    forAllTabs.remove(NAME);
  }
}
