/**
 * Sends one HTTP request with node:http. `fetch` cannot send a GET with a body, as clients of the seed do.
 */
import { type Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";

/** All fields of all replies. A test knows which of them its reply has. */
export interface ReplyBody {
  userId: number;
  authToken: string;
  messageId: number;
  sentAt: string;
  editedAt: string;
  myId: number;
  messages: { messageId: number; fromId: number; fromHandle: string; toHandle: string; message: string }[];
  users: { userId: number; userHandle: string }[];
  type: string;
  title: string;
  status: number;
  detail: string;
  step: string;
  field: string;
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The parsed body; an empty object if it is not JSON. */
  json: ReplyBody;
}

export interface Request {
  method?: string;
  path: string;
  /** A string is sent as it is, anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** `myId:myAuth`, as with `curl -u`. */
  user?: string;
  /** Keeps connections open, for a test that wants to use one again. */
  agent?: Agent;
}

/** @param origin such as `http://127.0.0.1:8080`. @throws when the connection breaks before the reply has ended. */
export function send(
  origin: string,
  { method = "GET", path, body, headers = {}, user, agent }: Request,
): Promise<Reply> {
  const text = body === undefined || typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      origin + path,
      {
        method,
        agent,
        headers: {
          // As `curl -d` sends it.
          ...(text !== undefined && {
            "content-type": "application/x-www-form-urlencoded",
            "content-length": String(Buffer.byteLength(text)),
          }),
          ...(user !== undefined && { authorization: `Basic ${Buffer.from(user).toString("base64")}` }),
          ...headers,
        },
      },
      (reply) => {
        const pieces: Buffer[] = [];
        reply.on("data", (piece: Buffer) => pieces.push(piece));
        reply.on("error", reject);
        reply.on("end", () => {
          const replyText = Buffer.concat(pieces).toString();
          resolve({
            status: reply.statusCode ?? 0,
            headers: reply.headers,
            text: replyText,
            json: parsed(replyText),
          });
        });
      },
    );
    sent.on("error", reject);
    sent.end(text);
  });
}

function parsed(text: string): ReplyBody {
  try {
    return JSON.parse(text);
  } catch {
    return {} as ReplyBody;
  }
}
