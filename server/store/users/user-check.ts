/**
 * What the start finds wrong in the users folder: files that are neither as the server wrote them nor as a crash leaves them.
 * A damaged file is set aside as it is, in users/aside; what the other files tell is mended; and all of it is reported.
 *
 * Two kinds of files are made to be edited by hand, and there an edit cannot be told from damage. A token counts as it
 * stands, and is reported when this server has not made it; the class secret is printed at every start.
 */

import { removeFiles, replaceFile } from "../files/durable-file.ts";
import type { Paths } from "../files/paths.ts";
import { countFilesAside, setAside } from "../files/quarantine.ts";
import type { Report } from "../report.ts";
import { isAsMade } from "./auth-token.ts";
import type { UserCache } from "./user-cache.ts";

/** More ids than this are counted, not listed. */
const MAX_LISTED = 10;

/** @returns how many files are set aside, from now or before. */
export async function checkUsers(paths: Paths, cache: UserCache, report: Report): Promise<number> {
  for (const userId of cache.unsettledUsers()) await checkProfile(userId, paths, cache, report);
  for (const hashUserHandle of cache.hashes()) await checkHandle(hashUserHandle, paths, cache, report);
  reportTokens(cache, report);
  return countFilesAside(paths.usersAside);
}

/** A user without a profile stays a user: the handle's file names the id. Only how the handle is written is not known. */
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

/** A file that names nobody who has the handle, while exactly one user has it by the profile: that user gets it back. */
async function checkHandle(hash: string, paths: Paths, cache: UserCache, report: Report): Promise<void> {
  if (typeof cache.owner(hash) === "number") return;
  const [userId, ...others] = cache.usersWithHandle(hash);
  // What a crash has left of a rename or a removal: the file names somebody who is gone, or is called otherwise.
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
