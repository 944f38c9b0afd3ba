/**
 * The errors of the store that are the machine's fault and nobody else's. http/reply/problem.ts turns each of them into
 * a reply. Any other error of the store is a bug, and becomes a 500.
 */

/** The disk is full. Nothing was stored, and nothing was lost. */
export class DiskFullError extends Error {
  override readonly name = "DiskFullError";
}

/** Too much is waiting to be written; more would only fill the memory. Nothing was stored. */
export class OverloadedError extends Error {
  override readonly name = "OverloadedError";
}

/** Somebody has changed the data folder by hand, and it cannot be put right at the moment. Nothing was stored. */
export class FolderError extends Error {
  override readonly name = "FolderError";
}

/**
 * The system could not make something durable. After a failed fsync the kernel may have dropped what it could not
 * write, and would report success for the next one. So nothing can be promised any more, and the server must restart.
 */
export class SyncError extends Error {
  override readonly name = "SyncError";
}

/** The database cannot be asked at the moment. Nothing was stored. */
export class DatabaseAwayError extends Error {
  override readonly name = "DatabaseAwayError";
}

/** The connection to the database was lost after a change was sent, and before the answer came. */
export class UnknownOutcomeError extends Error {
  override readonly name = "UnknownOutcomeError";
}

/** Another class has taken the place of the one in which the request began. Nothing was stored. */
export class OtherClassError extends Error {
  override readonly name = "OtherClassError";
}

/** A journal file does not hold what was once written there. */
export class DamageError extends Error {
  override readonly name = "DamageError";
  /** The number of the file. */
  readonly file: number;

  constructor(file: number, offset: number) {
    super(`Journal file ${file} is damaged at byte ${offset}`);
    this.file = file;
  }
}
