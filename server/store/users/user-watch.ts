/**
 * Notices changes that are made by hand in the users folder: a user removed, a token replaced. The system reports most
 * of them at once. On network drives and in some containers it does not, so the watch also goes through all users in
 * turn; in a class that takes less than a second.
 */
import { type FSWatcher, watch } from "node:fs";
import type { Paths } from "../files/paths.ts";
import type { UserCache } from "./user-cache.ts";

const TURN_MILLISECONDS = 500;
/** How many users are checked in one turn: about a millisecond of work. */
const USERS_IN_A_TURN = 32;

export class UserWatch {
  readonly #paths: Paths;
  readonly #cache: UserCache;
  readonly #timer: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  #lastId = 0;

  constructor(paths: Paths, cache: UserCache) {
    this.#paths = paths;
    this.#cache = cache;
    this.#timer = setInterval(() => this.#lookAround(), TURN_MILLISECONDS).unref();
    this.begin();
  }

  /** Asks the system for reports. Again when the folder is another one than before: nothing is reported of that. */
  begin(): void {
    this.#watcher?.close();
    try {
      this.#watcher = watch(this.#paths.users, { persistent: false }, (_event, name) => {
        if (name !== null) this.#cache.refresh(name);
      });
      // The turns go on without it.
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      this.#watcher = undefined;
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
  }

  #lookAround(): void {
    const users = this.#cache.ids;
    const from = users.findIndex((userId) => userId > this.#lastId);
    const turn = from === -1 ? [] : users.slice(from, from + USERS_IN_A_TURN);
    for (const userId of turn) this.#cache.refreshUserAndHandle(userId);
    // The next turn begins after the last user of this one, or at the front again after the end.
    this.#lastId = turn.length < USERS_IN_A_TURN ? 0 : (turn.at(-1) ?? 0);
  }
}
