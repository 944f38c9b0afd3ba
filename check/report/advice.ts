/**
 * Tells the learner what to look at first, judging by the reply. The hint of a case says what a server must do. This
 * advice names the usual cause when the server fails earlier than that. report-text.ts prints both.
 */
import { NOT_JSON } from "../match/expectation.ts";
import type { Failure } from "./failure.ts";

/** @returns a few sentences, or undefined if the case's hint is enough. */
export function adviceFor({ mistakes, request, reply, noReply, wanted = [] }: Failure): string | undefined {
  if (request === undefined) return undefined;
  const { method, url, body } = request;
  if (noReply === "too late") {
    return body === undefined
      ? "Does your server wait for a body? This request has none."
      : "Does your server wait for more data? Read only as many bytes as Content-Length says. The connection stays open after them.";
  }
  if (noReply === "unreadable") {
    return "A reply begins with a line such as HTTP/1.1 200 OK. Then come the headers, an empty line and the body. In Python's http.server, call send_response(), send_header() and end_headers() before you write the body.";
  }
  if (reply === undefined) return undefined;
  if (mistakes.includes(NOT_JSON)) {
    return "Let a library write your JSON, such as json.dumps() in Python. In JSON, names and strings need double quotes.";
  }
  if (wanted.includes(reply.status)) return undefined;
  const path = new URL(url).pathname;
  switch (reply.status) {
    case 400:
      if (method !== "GET" || body === undefined) return undefined;
      return "Does your server read the body of a GET? The inputs are in the body, as with POST.";
    case 401:
    case 403:
      if (method !== "POST" || !path.endsWith("/register")) return undefined;
      return "Your server refuses the class secret. Does it have the same secret that you gave with --secret?";
    case 404:
      return `Does your server have ${method} ${path}? Many servers answer 404 when they don't know an address.`;
    case 405:
    case 501:
      return `Your server does not accept ${method} at ${path}.`;
    case 500:
      return "An error happened inside your server. Look at what it printed.";
    default:
      return undefined;
  }
}
