/**
 * What to look at first, judged by what came. The hint of a case says what a server must do; this says what usually went
 * wrong where it does not get so far.
 */
import { NOT_JSON } from "../match/expectation.ts";
import type { Failure } from "./failure.ts";

/** @returns a sentence or two, or undefined where the hint of the case says it all. */
export function adviceFor({ mistakes, request, reply, noReply, wanted = [] }: Failure): string | undefined {
  if (request === undefined) return undefined;
  const { method, url, body } = request;
  if (noReply === "too late") {
    return body === undefined
      ? "Does your server wait for a body? None comes with this request."
      : "Does your server wait for more than comes? Read as many bytes as Content-Length says: the connection stays open.";
  }
  if (noReply === "unreadable") {
    return "A reply begins with a line such as HTTP/1.1 200 OK; then come the headers, an empty line, the body. In Python's http.server, send_response() and end_headers() write the first two.";
  }
  if (reply === undefined) return undefined;
  if (mistakes.includes(NOT_JSON)) {
    return "Let a library write your JSON, such as json.dumps() in Python: names and texts stand in double quotes there.";
  }
  if (wanted.includes(reply.status)) return undefined;
  const path = new URL(url).pathname;
  switch (reply.status) {
    case 400:
      if (method !== "GET" || body === undefined) return undefined;
      return "Does your server read the body of a GET, too? The inputs come there, as with POST.";
    case 401:
    case 403:
      if (method !== "POST" || !path.endsWith("/register")) return undefined;
      return "Your server refuses the class secret. Is the one that you gave with --secret the one that it has?";
    case 404:
      return `Does your server have ${method} ${path}? A 404 also comes from a server that knows no such address.`;
    case 405:
    case 501:
      return `Your server does not take ${method} at ${path}.`;
    case 500:
      return "Something has failed inside your server. Look at what it has printed.";
    default:
      return undefined;
  }
}
