/**
 * Sends one request, as testing/request.ts does. It can also read the beginning of a reply that never ends: it reads a
 * stream until the text it looks for has come, and then hangs up.
 */
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";

export interface Question {
  method?: string;
  path: string;
  /** Sent as JSON. */
  body?: object | undefined;
  headers?: Record<string, string> | undefined;
  /** `myId:myAuth`, as with `curl -u`. */
  user?: string | undefined;
  /** For a reply that does not end: stop reading when this has come. */
  until?: RegExp | undefined;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A reply that takes longer is a fault: no request here has to wait. */
const PATIENCE_MILLISECONDS = 20_000;

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

export function ask(origin: string, { method = "GET", path, body, headers, user, until }: Question): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      origin + path,
      {
        method,
        // Hanging up on a stream destroys its connection.
        agent: until === undefined ? agent : false,
        timeout: PATIENCE_MILLISECONDS,
        headers: {
          ...(text !== undefined && {
            "content-type": "application/json",
            "content-length": String(Buffer.byteLength(text)),
          }),
          ...(user !== undefined && { authorization: `Basic ${Buffer.from(user).toString("base64")}` }),
          ...headers,
        },
      },
      (reply) => {
        let told = "";
        const done = () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text: told });
        reply.setEncoding("utf8");
        reply.on("data", (piece: string) => {
          told += piece;
          if (until?.test(told) !== true) return;
          done();
          sent.destroy();
        });
        reply.on("error", reject);
        reply.on("end", done);
      },
    );
    sent.on("error", reject);
    sent.on("timeout", () => sent.destroy(new Error(`${method} ${path} got no whole reply`)));
    sent.end(text);
  });
}
