/**
 * Saves values in the browser, as JSON under a name. Some browsers save nothing: when cookies are switched off, or in a
 * private window that is full. Then the values last as long as the page is open, and the page still works.
 */

const PREFIX = "plainchat.";

class BrowserStorage {
  readonly #storage: () => Storage;
  readonly #fallback = new Map<string, string>();

  /** @param storage `() => localStorage` for all tabs and for good, or `() => sessionStorage` for one tab. */
  constructor(storage: () => Storage) {
    this.#storage = storage;
  }

  /** Undefined if there is nothing, or only garbage. */
  read<Value>(name: string): Value | undefined {
    try {
      return JSON.parse(this.#readText(name) ?? "") as Value;
    } catch {
      return undefined;
    }
  }

  /** @returns whether the value will still be there after the page is closed. */
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
      // Nothing could be saved there, so there is nothing to remove.
    }
  }

  /** Calls `heard` when another tab writes this value, until `signal` is aborted. */
  onChange(name: string, heard: () => void, signal?: AbortSignal): void {
    const onStorage = (event: StorageEvent) => {
      // The key is null when everything was cleared.
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

/** Lasts for good, and all tabs share it. */
export const forAllTabs = new BrowserStorage(() => localStorage);
/** Lasts as long as this tab is open, even when the page is reloaded. */
export const forThisTab = new BrowserStorage(() => sessionStorage);
