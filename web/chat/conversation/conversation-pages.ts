/**
 * Reads the pages of the conversation with one user. The server finds them by handle. A user who has left has no handle
 * any more, so their messages are searched for in the whole queue.
 */
import { ChatError } from "../../../client/chat-error.ts";
import type { PlainchatClient } from "../../../client/plainchat-client.ts";
import type { Message, Page } from "../../../client/types.ts";
import type { People } from "../people/people.ts";
import type { ReadPage } from "./conversation.ts";

const SEARCH_MESSAGES = 200;

type WantedPage = Parameters<ReadPage>[0];

export function pagesWith(
  userId: number,
  { client, people, myId }: { client: PlainchatClient; people: People; myId: number },
): ReadPage {
  const isWithThem = ({ fromId, toId }: Message) =>
    userId === myId ? fromId === toId : fromId === userId || toId === userId;

  return async (page) => {
    const userHandle = people.handleOf(userId);
    if (userHandle !== undefined) {
      const messages = await readWith(client, userHandle, page);
      // Someone else may have taken the handle since then: then the list of people is out of date.
      const isTheirs = messages?.length === 0 ? await isOwner(client, userHandle, userId) : messages?.every(isWithThem);
      if (messages !== undefined && isTheirs) return messages;
      await people.load();
    }
    return search(client, isWithThem, page);
  };
}

/** An empty page does not show whose it is, so this asks who has the handle. */
async function isOwner(client: PlainchatClient, userHandle: string, userId: number): Promise<boolean> {
  const owner = await unlessNobody(client.lookUpUser({ userHandle }));
  return owner?.userId === userId;
}

async function readWith(client: PlainchatClient, userHandle: string, page: WantedPage): Promise<Message[] | undefined> {
  const reply = await unlessNobody(client.fetchQueue({ userHandle, box: "both", ...page }));
  return reply?.messages;
}

/** Undefined when no user has the handle any more: people can rename themselves or leave between two requests. */
async function unlessNobody<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof ChatError && error.status === 404) return undefined;
    throw error;
  }
}

async function search(
  client: PlainchatClient,
  isWanted: (message: Message) => boolean,
  { after, before = Number.MAX_SAFE_INTEGER, limit }: WantedPage,
): Promise<Message[]> {
  const found: Message[] = [];
  let cursor: Page = after === undefined ? { before } : { after };
  for (;;) {
    const { messages } = await client.fetchQueue({ box: "both", limit: SEARCH_MESSAGES, ...cursor });
    const wanted = messages.filter(isWanted);
    if (after === undefined) found.unshift(...wanted);
    else found.push(...wanted);
    if (found.length >= limit || messages.length < SEARCH_MESSAGES) break;
    cursor = after === undefined ? { before: messages[0]?.messageId ?? 1 } : { after: messages.at(-1)?.messageId ?? 0 };
  }
  return after === undefined ? found.slice(-limit) : found.slice(0, limit);
}
