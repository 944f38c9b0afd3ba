/**
 * Every kind of problem reply (RFC 9457) in one table: its status, its title, and the text of its page. The `type` of a
 * reply is the address of that page, which this server serves. docs/errors.md must have the same table.
 */
export interface ProblemType {
  /** The last part of `/problems/<slug>`. */
  slug: string;
  status: number;
  title: string;
  /** What it means and what to do, for a reader who started programming a month ago. */
  meaning: string;
}

/** The one kind of 503 after which something may have been stored. */
export const OUTCOME_UNKNOWN = "outcome-unknown";

export const PROBLEM_TYPES: readonly ProblemType[] = [
  {
    slug: "bad-request",
    status: 400,
    title: "Bad Request",
    meaning:
      "Something in your request is missing or has the wrong form. `field` names the input, `detail` says what is wrong with it, and `step` is the step of the specification where the server stopped.",
  },
  {
    slug: "unauthorized",
    status: 401,
    title: "Unauthorized",
    meaning:
      "The server does not know who you are. No user has this `myId`, or the `secret` for registering is missing, too short or too long.",
  },
  {
    slug: "forbidden",
    status: 403,
    title: "Forbidden",
    meaning:
      "The server understood your request, but you may not do this. The token or the class secret is wrong, the message belongs to somebody else, or a page of another website sent the request: `detail` says which.",
  },
  {
    slug: "not-found",
    status: 404,
    title: "Not Found",
    meaning:
      "This address or this message does not exist. If no user has a `userHandle`, the reply is a 404 with an empty body.",
  },
  {
    slug: "method-not-allowed",
    status: 405,
    title: "Method Not Allowed",
    meaning:
      "The address is right, but it does not accept this method. The `Allow` header of the reply lists the methods that it accepts.",
  },
  {
    slug: "request-timeout",
    status: 408,
    title: "Request Timeout",
    meaning: "Your request took too long to arrive. Did your program send as many bytes as its `Content-Length` says?",
  },
  {
    slug: "conflict",
    status: 409,
    title: "Conflict",
    meaning: "Someone already has this handle. Choose another one.",
  },
  {
    slug: "content-too-large",
    status: 413,
    title: "Content Too Large",
    meaning: "The body of a request may be at most 64 KiB long. Even the longest message needs far less.",
  },
  {
    slug: "unsupported-media-type",
    status: 415,
    title: "Unsupported Media Type",
    meaning: "The body of your request is compressed. Send it as it is, without the header `Content-Encoding`.",
  },
  {
    slug: "expectation-failed",
    status: 417,
    title: "Expectation Failed",
    meaning: "The `Expect` header of your request asks for something that the server cannot do. Leave it out.",
  },
  {
    slug: "unprocessable-content",
    status: 422,
    title: "Unprocessable Content",
    meaning: "You used the same `Idempotency-Key` for a different message. Use a new key for each new message.",
  },
  {
    slug: "too-many-requests",
    status: 429,
    title: "Too Many Requests",
    meaning:
      "Your address sent too many wrong tokens, or too many wrong secrets come from it and you waited in vain for your turn to register, or your address watches the class too often, or you have too many open streams or waiting fetches: `detail` says which. Wait for the number of seconds in the `Retry-After` header, and close what you do not need.",
  },
  {
    slug: "request-header-fields-too-large",
    status: 431,
    title: "Request Header Fields Too Large",
    meaning: "The headers of your request are longer than 16 KiB.",
  },
  {
    slug: "internal-server-error",
    status: 500,
    title: "Internal Server Error",
    meaning:
      "Something went wrong inside the server. It is not your fault. The person who runs the server can find the details in the log: give them the `Request-Id` header of the reply.",
  },
  {
    slug: "service-unavailable",
    status: 503,
    title: "Service Unavailable",
    meaning:
      "The server is stopping, or it is too busy, or it has too many connections, or it cannot reach its database. Nothing was stored. Try again after the number of seconds in the `Retry-After` header.",
  },
  {
    slug: OUTCOME_UNKNOWN,
    status: 503,
    title: "Outcome Unknown",
    meaning:
      "The server lost its database while it waited for the answer, so nobody knows whether your request was carried out. There is no `Retry-After` header, because sending it again may do it twice. You sent a message with an `Idempotency-Key`? Send it again with the same key. For most other changes, doing it again is safe, too: the specification says how to find out.",
  },
  {
    slug: "insufficient-storage",
    status: 507,
    title: "Insufficient Storage",
    meaning:
      "The server's disk is full. Nothing was stored. You can still read messages, and deleting some makes room.",
  },
];

/** Where a status has two kinds, the first one counts unless the other one is named. */
const BY_STATUS = Map.groupBy(PROBLEM_TYPES, ({ status }) => status);

/**
 * The kind of problem for a status. A status that is not in the table counts as a 400 or a 500.
 * @param slug the kind, if it is not the usual one of its status.
 */
export function problemType(status: number, slug?: string): ProblemType {
  const types = BY_STATUS.get(status) ?? BY_STATUS.get(status < 500 ? 400 : 500);
  const type = slug === undefined ? types?.[0] : types?.find((each) => each.slug === slug);
  if (type === undefined) throw new Error(`No problem type for status ${status}`);
  return type;
}
