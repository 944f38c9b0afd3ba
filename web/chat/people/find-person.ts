/**
 * Which people fit what was typed into the search field. Capital letters, blanks around it, and the two ways to write
 * the same letter in Unicode make no difference to what is shown. Handles that differ only in these are different
 * people, so the one that was typed exactly comes first.
 */
interface Person {
  userId: number;
  userHandle: string;
}

/** Equal for handles that look alike to somebody who types. */
function folded(text: string): string {
  // Up and down again: "ß" and "SS" are equal, and so are the two small letters sigma.
  return text.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC").trim();
}

export function isNothing(typed: string): boolean {
  return folded(typed) === "";
}

/** Those whose handle has the text in it. */
export function shownFor<P extends Person>(typed: string, people: readonly P[]): P[] {
  const wanted = folded(typed);
  return people.filter(({ userHandle }) => folded(userHandle).includes(wanted));
}

/** The handle exactly as the server would know it. */
export function handleIn(typed: string): string {
  return typed.trim().normalize("NFC");
}

/**
 * Whom Enter opens: whoever has exactly this handle; otherwise the only one whose handle differs just in its capital
 * letters; otherwise the only one who is shown. Undefined if it may be several.
 */
export function meantBy<P extends Person>(typed: string, people: readonly P[]): P | undefined {
  const exact = people.find(({ userHandle }) => userHandle === handleIn(typed));
  if (exact !== undefined) return exact;
  const shown = shownFor(typed, people);
  const alike = shown.filter(({ userHandle }) => folded(userHandle) === folded(typed));
  if (alike.length > 0) return alike.length === 1 ? alike[0] : undefined;
  return shown.length === 1 ? shown[0] : undefined;
}
