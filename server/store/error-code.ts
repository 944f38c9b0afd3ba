/**
 * The codes of errors that the system, Node or Fastify throws, such as "ENOENT". Compare a code and never a message:
 * messages change between versions.
 */

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** Whether an error carries one of these codes. */
export function isCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes(codeOf(error) ?? "");
}

/** Whether there is no room: the disk is full, a quota is used up, or a file has reached its size limit. */
export function saysDiskFull(error: unknown): boolean {
  return isCode(error, "ENOSPC", "EDQUOT", "EFBIG");
}
