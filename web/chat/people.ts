/**
 * Who is here. The server tells of messages by itself, but not of people: so it is asked from time to time.
 */
import type { PlainchatClient } from "../../client/plainchat-client.ts";
import type { User } from "../../client/types.ts";

const PAGE_USERS = 200;
/** More are not listed; whoever is looked for by name is found all the same. */
const MAX_USERS = 1000;

export class People {
  /** In the order in which they came. */
  users: readonly User[] = [];
  readonly #client: PlainchatClient;
  #isLoading = false;

  constructor(client: PlainchatClient) {
    this.#client = client;
  }

  handleOf(userId: number): string | undefined {
    return this.users.find((user) => user.userId === userId)?.userHandle;
  }

  /** Fetches all of them. @throws {ChatError} when the server refuses, or does not answer. */
  load(): Promise<void> {
    return this.#fill([]);
  }

  /** Fetches those who have come since. That is one short reply, however many there are. @throws {ChatError} as `load()`. */
  loadNew(): Promise<void> {
    return this.#fill(this.users);
  }

  async #fill(known: readonly User[]): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      const users = [...known];
      while (users.length < MAX_USERS) {
        const page = await this.#client.listUsers({ after: users.at(-1)?.userId ?? 0, limit: PAGE_USERS });
        users.push(...page.users);
        if (page.users.length < PAGE_USERS) break;
      }
      // Somebody who was looked for by name may stand beyond the end of the list.
      const beyond = users.length < MAX_USERS ? [] : this.users.slice(users.length);
      this.users = [...users, ...beyond];
    } finally {
      this.#isLoading = false;
    }
  }

  /** Somebody who is not in the list. @throws {ChatError} 404 when nobody has the handle. */
  async find(userHandle: string): Promise<User> {
    const known = this.users.find((user) => user.userHandle === userHandle);
    if (known !== undefined) return known;
    const { userId } = await this.#client.lookUpUser({ userHandle });
    const user = { userId, userHandle };
    // Who has come since is missing in the list, and so are those who came before them.
    await this.load();
    if (this.handleOf(userId) === undefined) this.users = [...this.users, user];
    return user;
  }
}
