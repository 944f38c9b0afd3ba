/**
 * Sets up what each cell of the table needs for itself: a sender, a recipient, another user, one message between the
 * first two and one note of the third. What they see is read from the server, so that it can be compared before and
 * after a call.
 */
import { type Person, PROJECTOR_KEY, type RunningApp, TEACHER_KEY } from "../../testing/start-app.ts";
import { ask } from "./ask.ts";
import type { CallerName } from "./table.ts";

/** The server that all cells share, with one user, the witness, to whom nothing ever happens. */
export interface Place {
  app: RunningApp;
  isClass: boolean;
  witness: Person;
  /** The teacher's user, in class mode. */
  teacher: Person | undefined;
  /** Every token that anybody has or had, to look for in what the whole class sees. */
  tokens: Set<string>;
  /**
   * The scenes of cells that ask for an address where everybody sees the same. Nothing can change, so they share one.
   */
  shared: Map<CallerName, Promise<Scene>>;
}

/** What a cell begins with: a situation, the caller's credentials, and what everybody saw before. */
export interface Scene {
  situation: Situation;
  credentials: Credentials;
  before: Record<PersonName, string>;
}

export interface Situation {
  place: Place;
  /** The tokens that its people have or had. None of them may be shown to anybody else. */
  tokens: string[];
  sender: Person;
  recipient: Person;
  other: Person;
  messageId: number;
  /** Only the sender and the recipient may see it. */
  text: string;
  /** Only the other user may see it. */
  note: string;
  idempotencyKey: string;
  /** The id of an event before all of this. */
  beforeId: number;
  /** The trace of the request that sent the message. */
  traceId: string;
}

export type PersonName = "sender" | "recipient" | "other" | "witness";

export interface Credentials {
  user?: { myId: number; myAuth: string };
  bearer?: string;
}

/** Nobody has this id, and nobody ever will. */
const UNKNOWN_ID = 8_000_000_000;

let situations = 0;

export async function makeScene(place: Place, caller: CallerName): Promise<Scene> {
  const situation = await makeSituation(place);
  const credentials = await credentialsOf(caller, situation);
  return { situation, credentials, before: await look(situation) };
}

/** The scene for addresses that are the same for everybody. */
export function sharedScene(place: Place, caller: CallerName): Promise<Scene> {
  const scene = place.shared.get(caller) ?? makeScene(place, caller);
  place.shared.set(caller, scene);
  return scene;
}

async function makeSituation(place: Place): Promise<Situation> {
  situations++;
  const { app, witness, teacher } = place;
  const [sender, recipient, other] = await Promise.all([
    app.register(`sender ${situations}`),
    app.register(`recipient ${situations}`),
    app.register(`another ${situations}`),
  ]);
  const people = [sender, recipient, other, witness, ...(teacher === undefined ? [] : [teacher])];
  const tokens = people.map(({ authToken }) => authToken);
  for (const token of tokens) place.tokens.add(token);
  const text = `for two, number ${situations}.`;
  const note = `for one, number ${situations}.`;
  const idempotencyKey = `key-${situations}`;
  const { eventId: beforeId } = await app.store.messages.last();
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

/** Makes a caller what the table says, such as a user who has left. @returns what they send. */
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
    case "teacher's key":
      return { bearer: TEACHER_KEY };
  }
}

/** What each person has: their queue and their progress as they see it, and their profile as the witness sees it. */
export async function look({ place, sender, recipient, other }: Situation): Promise<Record<PersonName, string>> {
  const { app, witness } = place;
  const tell = async (path: string, { user }: Person) => {
    const { status, text } = await ask(app.origin, { path, user });
    return `${status} ${text}`;
  };
  const ids = [sender.userId, recipient.userId, other.userId];
  const [first, last] = [Math.min(...ids), Math.max(...ids)];
  const path = `/api/v1/users?after=${first - 1}&limit=${last - first + 1}`;
  const profiles = await ask(app.origin, { path, user: witness.user });
  const profileOf = ({ userId }: Person) => new RegExp(`{"userId":${userId},[^}]*}`).exec(profiles.text)?.[0] ?? "gone";
  const own = ["/api/v1/chat?box=both&limit=200", "/api/v1/class/progress"];
  const see = async (person: Person) =>
    [profileOf(person), ...(await Promise.all(own.map((path) => tell(path, person))))].join(" ");
  const whoIsWitness = `/api/v1/register?userHandle=${encodeURIComponent(witness.userHandle)}`;
  return {
    sender: await see(sender),
    recipient: await see(recipient),
    other: await see(other),
    witness: await tell(whoIsWitness, witness),
  };
}
