/**
 * Finds out whether two handles look alike, as Unicode says in UTS 39: two texts with the same skeleton do. The table is
 * Unicode's own; scripts/make-confusables.py has made it.
 */
import looks from "./confusables.json" with { type: "json" };

/** For a character that looks like another or like several, what it looks like. */
const LOOKS = new Map<string, string>();
for (const [look, characters] of Object.entries(looks)) {
  for (const character of characters) LOOKS.set(character, look);
}
const NEITHER_LETTER_NOR_DIGIT = /[^\p{Letter}\p{Mark}\p{Number}]/gu;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * Beyond the rule of UTS 39, capital letters are like small ones, and other forms of a letter like the usual one (NFKC):
 * `Teacher` and `ｔｅａｃｈｅｒ` would be taken for `teacher`.
 */
export function skeletonOf(handle: string): string {
  return lookOf(lookOf(handle).toLowerCase());
}

/**
 * What is left of the skeleton when only its letters and digits count: a class takes `MsHopper` and `Ms. Hopper` for
 * `Ms Hopper`. If there are none, such as in `:-)`, it is the whole skeleton.
 */
export function bareSkeletonOf(handle: string): string {
  const skeleton = skeletonOf(handle);
  return skeleton.replace(NEITHER_LETTER_NOR_DIGIT, "") || skeleton;
}

/** The skeleton of UTS 39. */
function lookOf(text: string): string {
  const characters = [...text.normalize("NFKC").normalize("NFD").replace(IGNORABLE, "")];
  return characters
    .map((each) => LOOKS.get(each) ?? each)
    .join("")
    .normalize("NFD");
}

/** Skeletons of handles that were seen before: a list of users asks for all of them, again and again. */
const known = new Map<string, string>();
const MAX_KNOWN = 10_000;

/** For each of these users, the ids of the others whose handles look the same. Without those that have none. */
export function lookAlikes(users: readonly { userId: number; userHandle: string }[]): Map<number, number[]> {
  const bySkeleton = new Map<string, number[]>();
  for (const { userId, userHandle } of users) {
    const skeleton = known.get(userHandle) ?? skeletonOf(userHandle);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(userHandle, skeleton);
    const others = bySkeleton.get(skeleton);
    if (others === undefined) bySkeleton.set(skeleton, [userId]);
    else others.push(userId);
  }
  const found = new Map<number, number[]>();
  for (const ids of bySkeleton.values()) {
    if (ids.length === 1) continue;
    for (const id of ids) {
      const others = ids.filter((each) => each !== id);
      found.set(id, others);
    }
  }
  return found;
}
