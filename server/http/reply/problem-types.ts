/**
 * Every kind of problem reply (RFC 9457), in one table: its status, its title, and what its page says. The `type` of a
 * reply is the address of that page, which this server serves itself. docs/errors.md shows the same table.
 */
export interface ProblemType {
  /** The last part of `/problems/<slug>`. */
  slug: string;
  status: number;
  title: string;
  /** What it means and what to do, for someone a month into programming. */
  meaning: string;
}

export const PROBLEM_TYPES: readonly ProblemType[] = [
  {
    slug: "bad-request",
    status: 400,
    title: "Bad Request",
    meaning:
      "Something is missing in your request, or has the wrong form. `field` names the input, `detail` says what is wrong with it, and `step` is the step of the specification at which the server stopped.",
  },
  {
    slug: "unauthorized",
    status: 401,
    title: "Unauthorized",
    meaning:
      "The server does not know who you are: there is no user with this `myId`, or the `secret` to register with is missing, too short or too long.",
  },
  {
    slug: "forbidden",
    status: 403,
    title: "Forbidden",
    meaning:
      "The server knows whom you mean, but you may not do this: the token or the class secret is wrong, or it is somebody else's message.",
  },
  {
    slug: "not-found",
    status: 404,
    title: "Not Found",
    meaning:
      "There is no such address, or no such message. Where a `userHandle` is unknown, the reply is a 404 with an empty body.",
  },
  {
    slug: "method-not-allowed",
    status: 405,
    title: "Method Not Allowed",
    meaning:
      "The address is right, but it does not take this method. The header `Allow` of the reply lists those that it takes.",
  },
  {
    slug: "request-timeout",
    status: 408,
    title: "Request Timeout",
    meaning: "Your request took too long to arrive. Did your program send everything that `Content-Length` promised?",
  },
  {
    slug: "conflict",
    status: 409,
    title: "Conflict",
    meaning: "Somebody has this handle already. The first one keeps it: choose another.",
  },
  {
    slug: "content-too-large",
    status: 413,
    title: "Content Too Large",
    meaning: "The body of a request may have at most 64 KiB. The longest message needs far less.",
  },
  {
    slug: "expectation-failed",
    status: 417,
    title: "Expectation Failed",
    meaning: "The header `Expect` of your request asks for something that no server can do. Leave it out.",
  },
  {
    slug: "unprocessable-content",
    status: 422,
    title: "Unprocessable Content",
    meaning: "You used an `Idempotency-Key` again, for another message. A new message needs a new key.",
  },
  {
    slug: "too-many-requests",
    status: 429,
    title: "Too Many Requests",
    meaning:
      "Too many wrong secrets or tokens came from your address, or you have too many streams open or fetches waiting: `detail` says which. Wait as many seconds as the header `Retry-After` says; close what you do not need.",
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
      "Something went wrong that the server did not foresee. It is not your fault. Tell the person who runs the server the header `Request-Id` of the reply: the log has the whole story under it.",
  },
  {
    slug: "service-unavailable",
    status: 503,
    title: "Service Unavailable",
    meaning:
      "The server is stopping, or has too much to do. Nothing was stored. Try again after `Retry-After` seconds.",
  },
  {
    slug: "insufficient-storage",
    status: 507,
    title: "Insufficient Storage",
    meaning: "The server's disk is full. Nothing was stored. Reading still works, and deleting makes room.",
  },
];

const BY_STATUS = new Map(PROBLEM_TYPES.map((type) => [type.status, type]));

/** The kind of problem for a status. One that the table does not know is taken for the nearest general one. */
export function problemType(status: number): ProblemType {
  const type = BY_STATUS.get(status) ?? BY_STATUS.get(status < 500 ? 400 : 500);
  if (type === undefined) throw new Error(`No problem type for status ${status}`);
  return type;
}
