/**
 * What is the same about classes that were put away, whether they are in folders or in a database: how they are called,
 * and which of them the teacher sees.
 */
import type { Archive } from "../contract.ts";

/** The name for a class that is put away: the time, and if that is taken, with a number. @param endedAt in ISO 8601. */
export function freeArchiveName(endedAt: string, isTaken: (name: string) => boolean): string {
  const name = endedAt.replace(/\.\d+Z$/, "Z").replaceAll(":", "-");
  let free = name;
  for (let number = 2; isTaken(free); number++) free = `${name}-${number}`;
  return free;
}

/** The oldest first. */
export function listedArchives(archives: Archive[]): Archive[] {
  return (
    archives
      // Somebody may end a class and open another one at once: then nobody was in the class between them.
      .filter(({ userCount, messageCount }) => userCount !== 0 || messageCount !== 0)
      .sort((a, b) => (a.endedAt ?? "").localeCompare(b.endedAt ?? "") || a.archive.localeCompare(b.archive))
  );
}

/** What is known of an archive, as JSON. Somebody may have written it by hand. */
export function aboutArchive(text: string): Omit<Archive, "archive"> {
  try {
    const { label, endedAt, userCount, messageCount } = JSON.parse(text) ?? {};
    return {
      ...(typeof label === "string" && { label }),
      ...(typeof endedAt === "string" && { endedAt }),
      ...(Number.isSafeInteger(userCount) && { userCount }),
      ...(Number.isSafeInteger(messageCount) && { messageCount }),
    };
  } catch {
    return {};
  }
}
