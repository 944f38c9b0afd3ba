/**
 * The calls of the API that the container test makes, over real HTTP to a port of this machine. Each throws if the
 * reply is not a 200, with the text of the reply.
 */

const TIME_LIMIT_MS = 10_000;

export interface User {
  userHandle: string;
  userId: number;
  authToken: string;
}

export interface Message {
  messageId: number;
  fromHandle: string;
  message: string;
}

export async function register(port: number, secret: string, userHandle: string): Promise<User> {
  const reply = await post(port, "/api/v1/register", { secret, userHandle });
  const { userId, authToken } = (await reply.json()) as { userId: number; authToken: string };
  return { userHandle, userId, authToken };
}

/** Sends a message and returns its id. */
export async function publish(port: number, from: User, to: User, message: string): Promise<number> {
  const reply = await post(port, "/api/v1/chat", publishInputs(from, to, message));
  return ((await reply.json()) as { messageId: number }).messageId;
}

/** The body of a publish call. */
export function publishInputs(from: User, to: User, message: string): object {
  return { myId: from.userId, myAuth: from.authToken, userHandle: to.userHandle, message };
}

export async function fetchQueue(port: number, user: User): Promise<Message[]> {
  const reply = await fetch(`http://127.0.0.1:${port}/api/v1/chat`, {
    headers: { Authorization: basicCredentials(user) },
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
  });
  await mustBeOk(reply);
  return ((await reply.json()) as { messages: Message[] }).messages;
}

export function basicCredentials(user: User): string {
  return `Basic ${Buffer.from(`${user.userId}:${user.authToken}`).toString("base64")}`;
}

/** Whether the server takes new requests. Also false if nothing answers at all. */
export async function isReady(port: number): Promise<boolean> {
  try {
    const reply = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(TIME_LIMIT_MS) });
    return reply.status === 200;
  } catch {
    return false;
  }
}

async function post(port: number, path: string, inputs: object): Promise<Response> {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(inputs),
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
  });
  await mustBeOk(reply);
  return reply;
}

async function mustBeOk(reply: Response): Promise<void> {
  if (reply.status !== 200) throw new Error(`${reply.url} answered with ${reply.status}: ${await reply.text()}`);
}
