/**
 * What the store says when it cannot do what it was asked, and nobody is to blame but the machine. http/reply/problem.ts
 * turns each into a reply; any other error of the store is a fault, and becomes a 500.
 */

/** The disk is full: nothing was stored, and what was there is untouched. */
export class DiskFullError extends Error {
  override readonly name = "DiskFullError";
}

/** So much waits to be written that more would only fill the memory: nothing was stored. */
export class OverloadedError extends Error {
  override readonly name = "OverloadedError";
}

/**
 * The system could not make something durable. After a failed fsync the kernel may have dropped what it could not
 * write, and would call the next one a success: nothing may be promised any more, and the server must start anew.
 */
export class SyncError extends Error {
  override readonly name = "SyncError";
}

/** What is in a file of the journal is not what was once written there. */
export class DamageError extends Error {
  override readonly name = "DamageError";
}
