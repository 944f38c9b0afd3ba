/**
 * The list of users. The server announces messages by itself, but not new people, so the page asks from time to time.
 */
import type { PlainchatClient } from "../../../client/plainchat-client.ts";
import { handleOf } from "../../../client/send-to-user.ts";
import type { User } from "../../../client/types.ts";

const PAGE_USERS = 200;
/** More are not listed, but you can still find them by their handle. */
const MAX_USERS = 1000;

export class People {
  /** In the order in which they joined. */
  users: readonly User[] = [];
  /** Whether the server has sent the list: before that, nobody knows whether somebody is here. */
  isLoaded = false;
  readonly #client: PlainchatClient;
  #isLoading = false;

  constructor(client: PlainchatClient) {
    this.#client = client;
  }

  /** Whether there may be people whom the list does not have. */
  get isTooLong(): boolean {
    return this.users.length >= MAX_USERS;
  }

  handleOf(userId: number): string | undefined {
    return this.users.find((user) => user.userId === userId)?.userHandle;
  }

  /** Whether the server says that this user is the teacher. */
  isTeacher(userId: number): boolean {
    return this.users.find((user) => user.userId === userId)?.isTeacher === true;
  }

  /** Fetches everybody. @throws {ChatError} when the server refuses or does not answer. */
  load(): Promise<void> {
    return this.#fill([]);
  }

  /**
   * Fetches only people who have joined since. The reply is short, however many users there are.
   * @throws {ChatError} like `load()`.
   */
  loadNew(): Promise<void> {
    return this.#fill(this.users);
  }

  /** Makes sure that someone is known whom the list may be too short for. @throws {ChatError} like `load()`. */
  async meet(userId: number): Promise<void> {
    if (this.handleOf(userId) !== undefined) return;
    const userHandle = await handleOf(this.#client, userId);
    if (userHandle !== undefined && this.handleOf(userId) === undefined)
      this.users = [...this.users, { userId, userHandle }];
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
      // Someone who was found by their handle may come after the end of the list.
      const beyond = users.length < MAX_USERS ? [] : this.users.slice(users.length);
      this.users = [...users, ...beyond];
      this.isLoaded = true;
    } finally {
      this.#isLoading = false;
    }
  }

  /** Finds someone who may not be in the list. @throws {ChatError} 404 when no user has the handle. */
  async find(userHandle: string): Promise<User> {
    const known = this.users.find((user) => user.userHandle === userHandle);
    if (known !== undefined) return known;
    const { userId } = await this.#client.lookUpUser({ userHandle });
    const user = { userId, userHandle };
    // If they joined just now, the list misses them and everybody who joined just before them.
    await this.load();
    if (this.handleOf(userId) === undefined) this.users = [...this.users, user];
    return user;
  }
}
