/**
 * Where a reply ends, and whether it is a refusal: HTTP with a Content-Length, or RESP, which Redis speaks. The load
 * generator asks this for every piece that comes in, so it looks at as few bytes as it can.
 */

const HEAD_END = Buffer.from("\r\n\r\n");
const LETTER_H = 0x48;
const MINUS = 0x2d;
const CARRIAGE_RETURN = 0x0d;

/**
 * Bytes of the reply that begins here, or -1 while that cannot be known yet.
 * @param usual how many bytes the reply to the same request had before. RESP tells only somebody who takes all of it apart,
 *   for which the clients would need longer than the server: what is as long as before counts as complete.
 */
export function lengthOfReply(bytes: Buffer, usual = -1): number {
  if (bytes[0] === LETTER_H) return lengthOfHttp(bytes);
  return bytes.length === usual ? usual : endOfResp(bytes, 0);
}

/** HTTP: any status but 200 and 201. RESP: an error. */
export function isRefusal(bytes: Buffer): boolean {
  if (bytes[0] === LETTER_H) return !["200", "201"].includes(bytes.toString("latin1", 9, 12));
  return bytes[0] === MINUS;
}

/** Head and body. */
function lengthOfHttp(bytes: Buffer): number {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return -1;
  const length = /\ncontent-length: (\d+)/i.exec(bytes.toString("latin1", 0, headEnd))?.[1];
  if (length === undefined) throw new Error("A reply without Content-Length");
  return headEnd + HEAD_END.length + Number(length);
}

/** Where the value that begins at `start` ends, or -1 while not all of it is there. */
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
