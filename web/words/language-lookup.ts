/**
 * Chooses among the languages that there are, for the languages that a user wants. A code is a language tag of BCP 47,
 * such as "de", "pt-BR" or "zh-Hant-TW"; capital letters make no difference.
 */

/**
 * For each wanted language in turn: the same tag, then shorter and shorter ones ("de-AT", "de"), then another of the
 * same language, first of all in the same script: for "zh-HK", Taiwan's characters rather than those of Beijing.
 * @returns one of `codes` as it is written there, or undefined if none fits.
 */
export function lookUpLanguage(wanted: readonly string[], codes: readonly string[]): string | undefined {
  for (const each of wanted) {
    const found = prefixes(canonical(each)).map((prefix) => codes.find((code) => canonical(code) === prefix));
    const first = found.find((code) => code !== undefined) ?? sameLanguage(each, codes);
    if (first !== undefined) return first;
  }
  return undefined;
}

/** The code itself, and the shorter ones whose words can fill its gaps, if there are any. */
export function withShorter(code: string, codes: readonly string[]): string[] {
  const shorter = prefixes(canonical(code)).flatMap((prefix) => codes.find((each) => canonical(each) === prefix) ?? []);
  return [...new Set([code, ...shorter])];
}

/** A tag that Intl and the page's `lang` accept. Files are also named "pt_BR". */
export function tagOf(code: string): string {
  return localeOf(code)?.toString() ?? "en";
}

function canonical(code: string): string {
  return code.replaceAll("_", "-").toLowerCase();
}

/** "zh-hant-tw", "zh-hant", "zh". A single letter only begins what follows it, so it goes away with that. */
function prefixes(tag: string): string[] {
  const parts = tag.split("-");
  return parts
    .map((_, i) => parts.slice(0, parts.length - i))
    .filter((kept) => kept.at(-1)?.length !== 1)
    .map((kept) => kept.join("-"));
}

function sameLanguage(wanted: string, codes: readonly string[]): string | undefined {
  const full = localeOf(wanted)?.maximize();
  if (full === undefined) return undefined;
  const same = codes.filter((code) => localeOf(code)?.language === full.language);
  return same.find((code) => localeOf(code)?.maximize().script === full.script) ?? same[0];
}

/** Undefined if it is no language tag: some systems have only "C". */
function localeOf(code: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(code.replaceAll("_", "-"));
  } catch {
    return undefined;
  }
}
