/**
 * Turns an action of a case into a request: fills in the placeholders, and adds credentials if the case asks for them.
 * run-case.ts sends the result.
 */
import type { Send } from "../case.ts";
import { fill, fillInto } from "../match/fill.ts";
import { base64, type Values } from "../match/values.ts";
import type { SentRequest } from "./exchange.ts";

/** @param server the server's address, without a slash at the end. */
export function requestFor(server: string, action: Send, values: Values): SentRequest {
  const [method = "GET", ...rest] = action.send.split(" ");
  const body = bodyFor(action, values);
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (action.basic !== undefined) headers.authorization = basic(action.basic, values);
  for (const [name, value] of Object.entries(action.headers ?? {})) {
    if (value === "<absent>") delete headers[name];
    else headers[name] = fillInto(value, values);
  }
  return { url: server + fillInto(rest.join(" "), encoded(values)), method, headers, body, encoding: action.encoding };
}

function bodyFor({ as, body, text }: Send, values: Values): string | undefined {
  if (text !== undefined) return fillInto(text, values);
  if (as === undefined) return body === undefined ? undefined : JSON.stringify(fill(body, values));
  const credentials = { myId: values[`${as}.userId`] ?? null, myAuth: values[`${as}.authToken`] ?? null };
  const rest = fill(body ?? {}, values);
  return JSON.stringify({ ...credentials, ...(rest as object) });
}

function basic(nameOrText: string, values: Values): string {
  const text = nameOrText.includes(":") ? nameOrText : `{${nameOrText}.userId}:{${nameOrText}.authToken}`;
  return `Basic ${base64(fillInto(text, values))}`;
}

function encoded(values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encodeURIComponent(String(value))]));
}
