/**
 * Tells the learner what to look at first, judging by the reply and by what passed before. The hint of a case says what
 * a server must do. This advice names the cause when the server fails earlier than that, and it must be silent where it
 * does not know: a wrong cause above a right hint costs an evening. The reports print both.
 */
import { NOT_JSON } from "../match/expectation.ts";
import type { Failure } from "./failure.ts";

/** @returns a few sentences, or undefined if the case's hint is enough. */
export function adviceFor(failure: Failure): string | undefined {
  const { mistakes, request, reply, noReply, wanted = [], known, process } = failure;
  if (request === undefined) return undefined;
  if (process !== undefined && !process.isRunning && !process.isListening) {
    const where = process.lastLines.length > 0 ? ": its last lines are below" : "";
    return `Find out why your server ended${where}. No request may end a server.`;
  }
  if (noReply === "too late") return adviceForSilence(failure);
  if (noReply === "no end") {
    return 'The check asks your server to close the connection after each reply. curl does not, and would wait after this reply. In Python\'s http.server, call send_header("Content-Length", str(len(body))) before end_headers(), where body is bytes.';
  }
  if (noReply === "unreadable") {
    return "A reply begins with a line such as HTTP/1.1 200 OK. Then come the headers, an empty line and the body. In Python's http.server, call send_response(), send_header() and end_headers() before you write the body.";
  }
  if (reply === undefined) return undefined;
  const notJson = mistakes.find((mistake) => mistake.startsWith(NOT_JSON));
  if (notJson?.includes("U+FEFF") === true) return "Write your replies as UTF-8 without a BOM.";
  if (notJson !== undefined) {
    if (reply.status === 200 && /^[A-Za-z]/.test(reply.text)) {
      return "This reply is not JSON at all. Perhaps it is the one of another address or method: compare the path without the query string, which begins at the question mark.";
    }
    return "Let a library write your JSON, such as json.dumps() in Python. In JSON, names and strings need double quotes.";
  }
  if (wanted.includes(reply.status)) return undefined;
  const isMeantToPass = wanted.includes(200);
  const { method, url, body = "" } = request;
  const call = `${method} ${new URL(url).pathname}`;
  const [, unsupported] = /Unsupported method \('([A-Z]+)'\)/.exec(reply.text) ?? [];
  if (reply.status === 501 && unsupported === method) {
    const how = method === "QUERY" ? "do_QUERY = do_GET" : `a method do_${method}`;
    return `Python's http.server answers this 501 itself, because your class has no do_${method}. Write ${how} into it.`;
  }
  switch (reply.status) {
    case 400:
      if (method !== "GET" || body === "" || !isMeantToPass || known?.readsBodyOfGet !== false) return undefined;
      return "In this run, no GET with a body has got a 200. Does your server read the body of a GET? The inputs are in the body, as with POST.";
    case 401:
      if (!isMeantToPass || known?.hasSecret !== true || known.takesSecret) return undefined;
      return "A 401 means that there is no secret, or that it has the wrong length. But this body has the secret that you gave with --secret. Does your server read the body as JSON?";
    case 403:
      if (!isMeantToPass || known?.hasSecret !== true || known.takesSecret) return undefined;
      return "Your server refuses the class secret. Does it have the same secret that you gave with --secret?";
    case 404:
    case 405:
    case 501:
      // Some cases want a refusal of this kind for an address that does not exist, or for a wrong method.
      if (known?.knowsAddress !== false || wanted.includes(404) || wanted.includes(405)) return undefined;
      return `In this run, your server has answered ${call} only with 404, 405 or 501. Does it have this call?`;
    case 500:
      return "An error happened inside your server. Look at what it printed.";
    default:
      return undefined;
  }
}

/** A server that has answered such a request before does know how to read one. */
function adviceForSilence({ request, known }: Failure): string | undefined {
  if (known?.readsSuchRequests !== false) return undefined;
  return request?.body === undefined
    ? "Does your server wait for a body? This request has none."
    : "Does your server wait for more data? Read only as many bytes as Content-Length says. The connection stays open after them.";
}

/** @returns what to do: the hint of the case, or what helps more if the server could not be started again. */
export function whatToDo(hint: string, { notRestarted, torn }: Failure): string {
  // The check has left half a line in its file: the hint of the case says what to do with the half line.
  if (torn !== undefined && (notRestarted === "ended" || notRestarted === "never listened")) return hint;
  switch (notRestarted) {
    case "port taken":
      return "The system keeps the port of a killed server for a minute, unless the next one asks for it with the option SO_REUSEADDR. In Python's socketserver, write allow_reuse_address = True into your server class. With a plain socket, call sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1) before bind(). And start only one process that listens.";
    case "still listening":
      return "Nothing listened there before the check started your server, so your server probably started another process, which is still there. Start one process only, or let the others end when it ends. End the one that is left, before you run the check again.";
    case "ended":
    case "never listened":
      return "Read the last lines that your server printed: they say why it did not start. If there are none, start it once more in the same folder. It must start with the files that it wrote before. After a kill, the last line may be half there. If a whole line is missing, your server answered before it had written it: write first, then answer 200. Don't just skip what it cannot find.";
    default:
      return hint;
  }
}
