/**
 * What each cell of the table has for itself: a sender, a recipient, another user, one message between two of them and one
 * note of the third. What they see is asked of the server itself, so that it can be compared before and after a call.
 */
import { type Person, PROJECTOR_KEY, type RunningApp } from "../../testing/start-app.ts";
import { ask } from "./ask.ts";
import type { CallerName } from "./table.ts";

/** A server that the cells share, and somebody on it with whom nothing ever happens. */
export interface Place {
  app: RunningApp;
  isClass: boolean;
  witness: Person;
  /** Every token that somebody has or had, for what is heard of all of them together. */
  tokens: Set<string>;
  /** What the cells share that ask for an address at which everybody sees the same: nothing can change there. */
  shared: Map<CallerName, Promise<Scene>>;
}

/** What a cell begins with: a situation, somebody in it who asks, and what everybody saw before. */
export interface Scene {
  situation: Situation;
  credentials: Credentials;
  before: Record<PersonName, string>;
}

export interface Situation {
  place: Place;
  /** What the people in it have or had. None of them may be told to anybody else. */
  tokens: string[];
  sender: Person;
  recipient: Person;
  other: Person;
  messageId: number;
  /** For the sender and the recipient. */
  text: string;
  /** For the other user. */
  note: string;
  idempotencyKey: string;
  /** The number of an event before all of this. */
  beforeId: number;
  /** Of the request that sent the message. */
  traceId: string;
}

export type PersonName = "sender" | "recipient" | "other" | "witness";

export interface Credentials {
  user?: { myId: number; myAuth: string };
  bearer?: string;
}

/** Nobody has this id, nor will anybody ever. */
export const UNKNOWN_ID = 8_000_000_000;

let situations = 0;

export async function makeScene(place: Place, caller: CallerName): Promise<Scene> {
  const situation = await makeSituation(place);
  const credentials = await credentialsOf(caller, situation);
  return { situation, credentials, before: await look(situation) };
}

/** For addresses that are the same for everybody. */
export function sharedScene(place: Place, caller: CallerName): Promise<Scene> {
  const scene = place.shared.get(caller) ?? makeScene(place, caller);
  place.shared.set(caller, scene);
  return scene;
}

async function makeSituation(place: Place): Promise<Situation> {
  situations++;
  const { app, witness } = place;
  const [sender, recipient, other] = await Promise.all([
    app.register(`sender ${situations}`),
    app.register(`recipient ${situations}`),
    app.register(`another ${situations}`),
  ]);
  const tokens = [sender, recipient, other, witness].map(({ authToken }) => authToken);
  for (const token of tokens) place.tokens.add(token);
  const text = `for two, number ${situations}.`;
  const note = `for one, number ${situations}.`;
  const idempotencyKey = `key-${situations}`;
  const beforeId = app.store.messages.last.eventId;
  await app.publish(other, other, note);
  const published = await app.send({
    method: "POST",
    path: "/api/v1/chat",
    user: sender.user,
    body: { userHandle: recipient.userHandle, message: text },
    headers: { "Idempotency-Key": idempotencyKey, Explain: "1" },
  });
  if (published.status !== 200) throw new Error(published.text);
  const traceId = /explain\/([\w-]+)/.exec(String(published.headers.link))?.[1] ?? "";
  const { messageId } = published.json;
  return { place, tokens, sender, recipient, other, messageId, text, note, idempotencyKey, beforeId, traceId };
}

/** Does what has to be done for a caller to be what they are. @returns what they send. */
async function credentialsOf(caller: CallerName, situation: Situation): Promise<Credentials> {
  const { place, sender, recipient, other } = situation;
  const those = (id: number, token: string): Credentials => ({ user: { myId: id, myAuth: token } });
  const change = async (method: string, body: object) => {
    const reply = await place.app.send({ method, path: "/api/v1/register", user: sender.user, body });
    if (reply.status !== 200) throw new Error(reply.text);
    return reply.json;
  };
  switch (caller) {
    case "nobody":
      return {};
    case "unknown id":
      return those(UNKNOWN_ID, sender.authToken);
    case "wrong token":
      return those(sender.userId, recipient.authToken);
    case "old token": {
      const { authToken } = await change("PATCH", { rotateAuth: true });
      place.tokens.add(authToken);
      situation.tokens.push(authToken);
      situation.sender = { ...sender, authToken, user: `${sender.userId}:${authToken}` };
      return those(sender.userId, sender.authToken);
    }
    case "has left":
      await change("DELETE", {});
      return those(sender.userId, sender.authToken);
    case "another user":
      return those(other.userId, other.authToken);
    case "the sender":
      return those(sender.userId, sender.authToken);
    case "the recipient":
      return those(recipient.userId, recipient.authToken);
    case "projector key":
      return { bearer: PROJECTOR_KEY };
  }
}

/** What each of them has: their queue as they see it, and their profile as the witness sees it. */
export async function look({ place, sender, recipient, other }: Situation): Promise<Record<PersonName, string>> {
  const { app, witness } = place;
  const tell = async (path: string, { user }: Person) => {
    const { status, text } = await ask(app.origin, { path, user });
    return `${status} ${text}`;
  };
  const firstId = Math.min(sender.userId, recipient.userId, other.userId);
  const profiles = await ask(app.origin, { path: `/api/v1/users?after=${firstId - 1}&limit=200`, user: witness.user });
  const profileOf = ({ userId }: Person) => new RegExp(`{"userId":${userId},[^}]*}`).exec(profiles.text)?.[0] ?? "gone";
  const see = async (person: Person) => `${profileOf(person)} ${await tell("/api/v1/chat?box=both&limit=200", person)}`;
  const whoIsWitness = `/api/v1/register?userHandle=${encodeURIComponent(witness.userHandle)}`;
  return {
    sender: await see(sender),
    recipient: await see(recipient),
    other: await see(other),
    witness: await tell(whoIsWitness, witness),
  };
}
