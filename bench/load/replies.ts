/**
 * Finds the end of a reply, and tells whether it is a refusal. It knows HTTP with a Content-Length, and RESP, the
 * protocol of Redis. The load generator asks for every piece that comes in, so it looks at as few bytes as it can.
 */

const HEAD_END = Buffer.from("\r\n\r\n");
const LETTER_H = 0x48;
const MINUS = 0x2d;
const CARRIAGE_RETURN = 0x0d;

/**
 * The length in bytes of the reply that begins here, or -1 while more bytes are needed to know it.
 * @param usual the length of the last reply to the same request. A RESP reply of this length counts as complete: to find
 *   its end you must parse all of it, which would take the clients longer than the reply takes the server.
 */
export function lengthOfReply(bytes: Buffer, usual = -1): number {
  if (bytes[0] === LETTER_H) return lengthOfHttp(bytes);
  return bytes.length === usual ? usual : endOfResp(bytes, 0);
}

/** True for an HTTP status other than 200 and 201, and for an error in RESP. */
export function isRefusal(bytes: Buffer): boolean {
  if (bytes[0] === LETTER_H) return !["200", "201"].includes(bytes.toString("latin1", 9, 12));
  return bytes[0] === MINUS;
}

/** The length of head and body together. */
function lengthOfHttp(bytes: Buffer): number {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return -1;
  const length = /\ncontent-length: (\d+)/i.exec(bytes.toString("latin1", 0, headEnd))?.[1];
  if (length === undefined) throw new Error("A reply without Content-Length");
  return headEnd + HEAD_END.length + Number(length);
}

/** The end of the RESP value that begins at `start`, or -1 while it is not complete. */
function endOfResp(bytes: Buffer, start: number): number {
  const lineEnd = bytes.indexOf(CARRIAGE_RETURN, start);
  if (lineEnd === -1 || lineEnd + 2 > bytes.length) return -1;
  const kind = String.fromCharCode(bytes[start] ?? 0);
  if (kind !== "$" && kind !== "*") return lineEnd + 2;
  const count = Number(bytes.toString("latin1", start + 1, lineEnd));
  let end = lineEnd + 2;
  if (kind === "$") {
    if (count >= 0) end += count + 2;
    return end <= bytes.length ? end : -1;
  }
  for (let i = 0; i < count; i++) {
    end = endOfResp(bytes, end);
    if (end === -1) return -1;
  }
  return end;
}
