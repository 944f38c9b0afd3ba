/**
 * Says what is wrong with bytes that Node's parser cannot read as a request, and what to do about it. The parser gives
 * a code, a reason in its own words, and the place where it stopped. parser-problems.ts sends the sentence. It must
 * not show anything that the client sent.
 */
import { METHODS } from "node:http";
import { Refusal } from "../../steps/refusal.ts";

/** What Node's parser tells us. Where it reports a connection that ended too early, there is only a code. */
interface ParserError extends Error {
  code?: string;
  reason?: string;
  rawPacket?: Buffer;
  /** Where in `rawPacket` the parser stopped. */
  bytesParsed?: number;
}

const NOT_HTTP = "This is not an HTTP request. Its first line must look like this: GET /healthz HTTP/1.1";
// In words, because the client shows these sentences inside JSON, where a backslash is written twice.
const LINE_ENDS = "Every line of the headers must end with a carriage return and a line feed, the bytes 13 and 10.";
const BOTH_LENGTHS = "You sent both `Content-Length` and `Transfer-Encoding`. Send only one of them.";
const CHUNK =
  "With `Transfer-Encoding: chunked`, each piece of the body must have its size before it, in hexadecimal digits, and " +
  "a carriage return and a line feed after the size and after the piece. It is easier to send `Content-Length`.";

/** Every other mistake is a 400. */
const STATUSES: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** The sentence for each code of the parser. */
const SENTENCES: Record<string, string | ((error: ParserError) => string)> = {
  HPE_INVALID_METHOD: describeStart,
  HPE_INVALID_URL: describeAddress,
  HPE_INVALID_CONSTANT: describeAfterAddress,
  HPE_INVALID_VERSION: describeVersion,
  HPE_INVALID_HEADER_TOKEN: describeHeader,
  HPE_UNEXPECTED_SPACE: "The first header must not begin with a space.",
  HPE_CR_EXPECTED: LINE_ENDS,
  HPE_LF_EXPECTED: LINE_ENDS,
  HPE_STRICT: ({ reason = "" }) => (reason.includes("chunk") ? CHUNK : LINE_ENDS),
  HPE_INVALID_CONTENT_LENGTH: ({ reason = "" }) =>
    reason.includes("Transfer-Encoding")
      ? BOTH_LENGTHS
      : "`Content-Length` must be the number of bytes in the body, in digits.",
  HPE_UNEXPECTED_CONTENT_LENGTH: "You sent more than one `Content-Length` header. Send only one.",
  HPE_INVALID_TRANSFER_ENCODING: ({ reason = "" }) =>
    reason.includes("Content-Length") ? BOTH_LENGTHS : "`Transfer-Encoding` may only say `chunked`. Leave it out.",
  HPE_INVALID_CHUNK_SIZE: CHUNK,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "The text after the size of a chunk is too long. Leave it out.",
  HPE_HEADER_OVERFLOW: "The address and the headers of the request are longer than 16 KiB.",
  HPE_PAUSED_H2_UPGRADE: "This is HTTP/2. The server understands HTTP/1.1 (curl --http1.1).",
  ERR_HTTP_REQUEST_TIMEOUT:
    "The request took too long to arrive. After the headers there must be an empty line, and then as many bytes as " +
    "`Content-Length` says.",
  HPE_INVALID_EOF_STATE:
    "The request ended too early. After the headers there must be an empty line, and then as many bytes as " +
    "`Content-Length` says.",
};

export function refusalForParser(error: ParserError): Refusal {
  const { code = "" } = error;
  const sentence = SENTENCES[code];
  const detail = (typeof sentence === "function" ? sentence(error) : sentence) ?? NOT_HTTP;
  return new Refusal(STATUSES[code] ?? 400, detail);
}

/** The bytes before and after the place where the parser stopped. Each byte is one character. */
function around({ rawPacket, bytesParsed = 0 }: ParserError): { before: string; after: string } {
  const text = rawPacket?.toString("latin1") ?? "";
  return { before: text.slice(0, bytesParsed), after: text.slice(bytesParsed) };
}

function describeStart(error: ParserError): string {
  const { before, after } = around(error);
  // TLS begins with a handshake record (22) of version 3.
  if (before === "" && after.startsWith("\x16\x03")) {
    return "This is HTTPS, but the server understands only HTTP. Write http:// instead of https:// in the address.";
  }
  const word = /[A-Za-z-]*$/.exec(before)?.[0] ?? "";
  const line = word + after;
  const method = /^[A-Za-z-]*/.exec(line)?.[0] ?? "";
  const known = METHODS.find((each) => each === method.toUpperCase());
  if (known !== undefined && known !== method) return `Write the method in capital letters: ${known}.`;
  if (known !== undefined) return `After ${known} there must be one space, and then the address.`;
  if (/^[^\s]+ +\/[^\r\n]* HTTP\/1/.test(line)) {
    return "The server does not know this method. It knows GET, POST, PATCH, DELETE, HEAD and QUERY.";
  }
  if (before.length === word.length) return NOT_HTTP;
  return (
    "A request was over, and what follows is not another one. If it belongs to the body, `Content-Length` was too " +
    "small: it counts bytes, not characters."
  );
}

function describeAddress(error: ParserError): string {
  if (around(error).after.charCodeAt(0) >= 0x80) {
    return (
      "The address has a letter that an address cannot contain. Write its UTF-8 bytes with percent signs: ø is " +
      "%C3%B8. encodeURIComponent() in JavaScript and quote() in Python do this."
    );
  }
  if (error.reason?.startsWith("Invalid char")) {
    return "The address contains a control character, such as a tab. Write it with a percent sign: a tab is %09.";
  }
  return "After the method there must be one space, and then an address that begins with a slash.";
}

function describeAfterAddress(error: ParserError): string {
  if (/^[^\r\n]* HTTP\/1\.\d\r?\n/.test(around(error).after)) {
    return "There is a space in the address. Write it as %20.";
  }
  return "The first line must be the method, a space, the address, a space, and HTTP/1.1 in capital letters.";
}

function describeVersion(error: ParserError): string {
  if (around(error).before.endsWith("\n")) return LINE_ENDS;
  return "The first line must end with HTTP/1.1, and nothing after it.";
}

function describeHeader(error: ParserError): string {
  const { reason = "" } = error;
  if (around(error).before.endsWith("\r\n\n")) return LINE_ENDS;
  if (reason.includes("whitespace")) return "A header must be on one line. The next line must not begin with a space.";
  if (reason.includes("value")) return "The value of a header contains a control character.";
  return (
    "Each header must be a name, a colon and a value: `Content-Type: application/json`. A name has only letters, " +
    "digits and hyphens. Between the headers and the body there must be an empty line."
  );
}
