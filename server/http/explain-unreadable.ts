/**
 * Shows those who watch the class a request that Node's parser could not read, such as one with a blank in its address.
 * There is no request object for it, so its first line and its credentials are looked for in the bytes. Nobody else can
 * see such a trace, because the reply has no place for a link to it. create-fastify.ts calls this.
 */
import type { Explain } from "../explain/explain.ts";
import type { Problem } from "./reply/problem.ts";
import { nameIn, readableInputs } from "./request/inputs.ts";

/** Longer than the headers may be. */
const MAX_HEAD_BYTES = 17 * 1024;

export function explainUnreadable(explain: Explain, { status, detail }: Problem, bytes: Buffer, address: string): void {
  if (explain.feed?.isWatched !== true) return;
  const [head = ""] = bytes.toString("utf8", 0, MAX_HEAD_BYTES).split(/\r?\n\r?\n/, 1);
  const [, method = "", path = "", query = ""] = /^([A-Za-z]{3,10}) +(\/[^\s?]*)(?:\?(\S*))?/.exec(head) ?? [];
  const authorization = /^authorization: *(.+)$/im.exec(head)?.[1];
  const inputs = { body: undefined, query: Object.fromEntries(new URLSearchParams(query)), authorization };
  const request = { operation: "", method, path, isAskedFor: false, isBackground: false, address };
  // The first line may be so wrong that no address is found in it. Then the name may be anywhere.
  const readable = { ...nameIn(bytes.toString("utf8", 0, MAX_HEAD_BYTES)), ...readableInputs(inputs) };
  explain.begin({ ...request, readable }).end(status, detail);
}
