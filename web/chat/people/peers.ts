/**
 * The people that a user can write to, and the people with whom they have talked, as one list.
 */
import type { Inbox, Overview } from "../inbox.ts";
import type { People } from "./people.ts";

/** Someone that the user can write to, or could before they left. */
export interface Peer {
  userId: number;
  userHandle: string;
  hasLeft: boolean;
  overview: Overview | undefined;
}

/** First everybody with a conversation, the newest first, and then everybody else. */
export function peersOf(myId: number, inbox: Inbox, people: People): Peer[] {
  const talkedTo = inbox.overviews().map((overview): Peer => {
    const { otherId: userId, otherHandle } = overview;
    const userHandle = people.handleOf(userId);
    return { userId, userHandle: userHandle ?? otherHandle, hasLeft: userHandle === undefined, overview };
  });
  const ids = new Set(talkedTo.map(({ userId }) => userId));
  const others = people.users
    .filter(({ userId }) => !ids.has(userId) && userId !== myId)
    .map((user): Peer => ({ ...user, hasLeft: false, overview: undefined }));
  return [...talkedTo, ...others];
}
