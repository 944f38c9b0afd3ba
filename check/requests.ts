/**
 * Makes the request of an action: placeholders filled in, credentials where the case wants them.
 */
import type { Send } from "./case.ts";
import type { SentRequest } from "./exchange.ts";
import { fill, fillInto, type Values } from "./fill.ts";

/** @param server the server's address, without a slash at its end. */
export function requestFor(server: string, action: Send, values: Values): SentRequest {
  const [method = "GET", ...rest] = action.send.split(" ");
  const body = bodyFor(action, values);
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (action.basic !== undefined) headers.authorization = basic(action.basic, values);
  for (const [name, value] of Object.entries(action.headers ?? {})) headers[name] = fillInto(value, values);
  return { url: server + fillInto(rest.join(" "), encoded(values)), method, headers, body };
}

/** A user who was registered. */
export interface CheckUser {
  userId: number;
  authToken: string;
  userHandle: string;
}

/** Lets a case speak of a user: `{ada.userId}`, and what a client may send by mistake, the id as a text for instance. */
export function keepUser(values: Values, name: string, { userId, authToken, userHandle }: CheckUser): void {
  values[`${name}.userId`] = userId;
  values[`${name}.userIdText`] = String(userId);
  values[`${name}.authToken`] = authToken;
  values[`${name}.tokenBeginning`] = authToken.slice(0, -1);
  values[`${name}.userHandle`] = userHandle;
}

function bodyFor({ as, body, text }: Send, values: Values): string | undefined {
  if (text !== undefined) return fillInto(text, values);
  if (as === undefined) return body === undefined ? undefined : JSON.stringify(fill(body, values));
  const credentials = { myId: values[`${as}.userId`] ?? null, myAuth: values[`${as}.authToken`] ?? null };
  const rest = fill(body ?? {}, values);
  return JSON.stringify({ ...credentials, ...(rest as object) });
}

function basic(name: string, values: Values): string {
  const credentials = fillInto(`{${name}.userId}:{${name}.authToken}`, values);
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}

function encoded(values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encodeURIComponent(String(value))]));
}
