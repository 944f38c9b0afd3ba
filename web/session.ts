/**
 * Who one is, in this browser: an id and a token, as good as a password, kept here and sent to this server only. All
 * tabs share it: when one of them leaves or gets a new token, the others hear of it.
 */
import type { Credentials } from "../client/types.ts";
import { forAllTabs } from "./browser-storage.ts";

export interface Identity extends Credentials {
  userHandle: string;
}

const NAME = "identity";

export class Session {
  #identity = forAllTabs.read<Identity>(NAME);
  /** Whether the browser will still know it tomorrow. */
  isKept = true;

  /** @param onChange is told when another tab has changed it. */
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

  forget(): void {
    this.#identity = undefined;
    forAllTabs.remove(NAME);
  }
}
