/**
 * Why a file cannot be restored. restore prints it to the person at the terminal, after the name of the file.
 */
export class RefusedBackup extends Error {
  /** @param verdict goes on after the file's name. @param reason has no full stop at its end. */
  constructor(verdict: "is not a plainchat backup" | "is damaged", reason: string) {
    super(`${verdict}: ${reason}`);
  }

  static cutOff(): RefusedBackup {
    return new RefusedBackup("is damaged", "its end is missing. Was a copy or a download of it cut off?");
  }
}
