/**
 * The refusal of a request without any inputs: no body, no query string, no credentials. Every call needs some, so the
 * first step finds nothing that could be JSON (ruling R38). http-call.ts throws it.
 */
import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "../../steps/refusal.ts";

/** What the sentence needs to know of a call. */
export interface ExampleCall {
  path: string;
  /** The options of curl, besides credentials and the address. */
  curl: string;
  /** Set if the call needs the class secret in place of credentials. */
  triesSecret?: true;
}

export function nothingSent({ path, curl, triesSecret }: ExampleCall, { host = "" }: IncomingHttpHeaders): Refusal {
  // The client wrote the header. Anything else than a host does not belong in a sentence.
  const address = /^[\w.-]{1,253}(:\d{1,5})?$|^\[[\da-f:.]{2,45}\](:\d{1,5})?$/i.test(host) ? host : "127.0.0.1:8080";
  const line = ["curl", triesSecret === true ? "" : "-u ID:TOKEN", `http://${address}${path}`, curl];
  return new Refusal(
    400,
    `The request body is empty, and there are no inputs in the URL or in \`Authorization\` either. Send it like this: \`${line.filter((part) => part !== "").join(" ")}\`.`,
  );
}
