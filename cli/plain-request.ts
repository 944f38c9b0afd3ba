/**
 * Sends one request exactly as it was typed, with nothing in between: the client repeats, checks and hides, and `fetch`
 * cannot send a GET with a body.
 */
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { CliError, EXIT } from "./cli-error.ts";

export interface PlainReply {
  status: number;
  headers: IncomingHttpHeaders;
  /** What came of the body. Of a stream, which does not end, nothing. */
  text: string;
}

export interface PlainRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** A fetch may wait for a minute. */
const TIMEOUT_MILLISECONDS = 70_000;
const MAX_REPLY_BYTES = 4 * 1024 * 1024;

/** @throws {CliError} when no reply comes. */
export function sendPlain({ url, method, headers, body }: PlainRequest): Promise<PlainReply> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new CliError(`No reply from ${url}: ${why}`, EXIT.unreachable));
    const send = url.startsWith("https:") ? httpsRequest : httpRequest;
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const sent = send(
      url,
      { method, headers: { ...length, ...headers }, signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) },
      (reply) => {
        const { statusCode: status = 0, headers } = reply;
        if (headers["content-type"]?.startsWith("text/event-stream")) {
          resolve({ status, headers, text: "" });
          sent.destroy();
          return;
        }
        const pieces: Buffer[] = [];
        let bytes = 0;
        reply.on("data", (piece: Buffer) => {
          bytes += piece.length;
          pieces.push(piece);
          if (bytes > MAX_REPLY_BYTES) sent.destroy(new Error("it is too long"));
        });
        reply.once("end", () => resolve({ status, headers, text: Buffer.concat(pieces).toString() }));
        reply.once("error", (error) => fail(error.message));
      },
    );
    sent.once("error", (error) => fail(error.name === "AbortError" ? "it took too long" : error.message));
    sent.end(body);
  });
}
