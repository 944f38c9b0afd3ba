/**
 * The start checks the users folder for files that are neither as the server wrote them nor as a crash leaves them. A
 * damaged file is set aside as it is, in users/aside. It is written again if the other files say what was in it. All of
 * this is reported.
 *
 * Two kinds of files may be edited by hand, and an edit cannot be told from damage. A token counts as it is, and is
 * reported if this server did not make it. The class secret is printed at every start.
 */
import { removeFiles, replaceFile } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import { countFilesAside, setAside } from "../files/quarantine.ts";
import type { Report } from "../report.ts";
import { isAsMade } from "./auth-token.ts";
import type { UserCache } from "./user-cache.ts";

/** Further ids are counted, but not listed. */
const MAX_LISTED = 10;

/** How many users are named in sentences for /readyz. */
const MAX_SENTENCES = 5;

/** What somebody has changed by hand in files of users, in sentences for the person who did it: for /readyz. */
export function problemsOfUsers(paths: Paths, cache: UserCache): string[] {
  const sentences = cache.ids.flatMap((userId) => {
    const user = cache.user(userId);
    const tokenFile = paths.below(paths.tokenFile(userId));
    if (typeof user === "string") {
      return [`${tokenFile} has no token, so user ${userId} cannot do anything. Write a token into it, or remove it.`];
    }
    const problems: string[] = [];
    if (!isAsMade(user.authToken.text)) {
      problems.push(
        `The token in ${tokenFile} was changed by hand, or is damaged. It counts as it is, and user ${userId} needs it.`,
      );
    }
    if (!cache.hasProfile(userId)) {
      const profile = paths.below(paths.profileFile(userId));
      problems.push(
        `${profile} is missing or not as the server wrote it, so nobody knows the handle of user ${userId}. A user gets a new handle with PATCH.`,
      );
    }
    return problems;
  });
  const more = sentences.length - MAX_SENTENCES;
  return more <= 0 ? sentences : [...sentences.slice(0, MAX_SENTENCES), `And ${more} more like these in users.`];
}

/** @returns how many files are set aside, now or earlier. */
export async function checkUsers(paths: Paths, cache: UserCache, report: Report): Promise<number> {
  for (const userId of cache.unsettledUsers()) await checkProfile(userId, paths, cache, report);
  for (const hashUserHandle of cache.hashes()) await checkHandle(hashUserHandle, paths, cache, report);
  reportTokens(cache, report);
  return countFilesAside(paths.usersAside);
}

/** A user without a profile stays a user: the handle's file names the id. Only the spelling of the handle is lost. */
async function checkProfile(userId: number, paths: Paths, cache: UserCache, report: Report): Promise<void> {
  if (cache.readProfile(userId) !== "damaged") return;
  const file = paths.profileFile(userId);
  const copy = await setUserFileAside(file, paths);
  await removeFiles([file]);
  cache.refreshUser(userId);
  report("error", "A user's profile is damaged. It was set aside, so the user's handle is unknown now", {
    file,
    copy,
  });
}

/** If a handle's file names nobody who has it, but exactly one profile has the handle, that user gets it back. */
async function checkHandle(hash: string, paths: Paths, cache: UserCache, report: Report): Promise<void> {
  if (typeof cache.owner(hash) === "number") return;
  const [userId, ...others] = cache.usersWithHandle(hash);
  // A crash during a rename or a removal left this file: its user is gone, or has another handle.
  if (userId === undefined || others.length > 0) return;
  const file = paths.handleFile(hash);
  const copy = await setUserFileAside(file, paths);
  await replaceFile(file, String(userId));
  cache.refreshHandle(hash);
  report("error", "A handle's file does not name the user who has the handle. It was set aside and written again", {
    file,
    copy,
    userId,
  });
}

function reportTokens(cache: UserCache, report: Report): void {
  const users = cache.ids.filter((userId) => {
    const user = cache.user(userId);
    return user === "unreadable" || (typeof user === "object" && !isAsMade(user.authToken.text));
  });
  if (users.length === 0) return;
  report(
    "info",
    "Some tokens were not made by this server: they were changed by hand, or they are damaged. They count as they are",
    {
      tokens: users.length,
      users: users.slice(0, MAX_LISTED),
    },
  );
}

function setUserFileAside(file: string, paths: Paths): Promise<string> {
  return setAside(file, paths.usersAside, (attempt) => paths.asideUserFile(file, attempt));
}
