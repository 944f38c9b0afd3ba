/**
 * The codes of the operating system's errors, such as "ENOENT". Every part of the store that treats some errors
 * differently from others asks here, so that no code is compared by hand.
 */

/** Whether an error carries one of these codes. */
export function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** Whether there is no room: the disk is full, a quota is used up, or a file has reached its size limit. */
export function saysDiskFull(error: unknown): boolean {
  return isCode(error, "ENOSPC", "EDQUOT", "EFBIG");
}
