/**
 * What this browser keeps, as JSON under a name. Some browsers keep nothing: with cookies switched off, or in a private
 * window that is full. Then it is kept for as long as the page is open, and the page works all the same.
 */

const PREFIX = "plainchat.";

export class BrowserStorage {
  readonly #storage: () => Storage;
  readonly #fallback = new Map<string, string>();

  /** @param storage `() => localStorage`, for all tabs and for good, or `() => sessionStorage`, for one tab. */
  constructor(storage: () => Storage) {
    this.#storage = storage;
  }

  /** Undefined where there is nothing, or nothing that makes sense. */
  read<Value>(name: string): Value | undefined {
    try {
      return JSON.parse(this.#readText(name) ?? "") as Value;
    } catch {
      return undefined;
    }
  }

  /** @returns whether it is kept also when the page is closed. */
  write(name: string, value: unknown): boolean {
    const text = JSON.stringify(value);
    this.#fallback.set(name, text);
    try {
      this.#storage().setItem(PREFIX + name, text);
      return true;
    } catch {
      return false;
    }
  }

  remove(name: string): void {
    this.#fallback.delete(name);
    try {
      this.#storage().removeItem(PREFIX + name);
    } catch {
      // Nothing was kept there, so there is nothing to remove.
    }
  }

  /** Hears of what other tabs write, until `signal` is aborted. */
  onChange(name: string, heard: () => void, signal?: AbortSignal): void {
    const onStorage = (event: StorageEvent) => {
      // The key is null when somebody has cleared everything.
      if (event.key === PREFIX + name || event.key === null) heard();
    };
    addEventListener("storage", onStorage, signal === undefined ? {} : { signal });
  }

  #readText(name: string): string | undefined {
    try {
      return this.#storage().getItem(PREFIX + name) ?? undefined;
    } catch {
      return this.#fallback.get(name);
    }
  }
}

/** Kept for good, and shared by all tabs. */
export const forAllTabs = new BrowserStorage(() => localStorage);
/** Kept as long as this tab is open, also when it is loaded anew. */
export const forThisTab = new BrowserStorage(() => sessionStorage);
