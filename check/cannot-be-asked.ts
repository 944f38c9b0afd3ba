/**
 * Finds out that a request never reached the learner's own code, because the program that runs it answers such requests
 * itself and cannot be told otherwise. run-check.ts calls it for a case that failed: such a case must not count against
 * the learner. Nor does a case that the check itself cannot carry out. What a learner can change, such as a missing do_QUERY in Python's http.server, is a failure.
 */
import type { Failure } from "./report/failure.ts";

/** How `php -S` ends the page with which it answers a method that it does not know. It then runs no script. */
const PAGE_OF_PHP = "<h1>Not Implemented</h1><p>Request method not supported.</p></body></html>";

/** @returns a sentence, or undefined if the server itself has answered. */
export function whyNotAsked({ request, reply, notAsked }: Failure): string | undefined {
  if (notAsked !== undefined) return notAsked;
  if (request === undefined || reply?.status !== 501) return undefined;
  if (!reply.text.trimEnd().endsWith(PAGE_OF_PHP)) return undefined;
  return `PHP's built-in server (php -S) answers ${request.method} itself, with a 501, and does not run your program.`;
}
