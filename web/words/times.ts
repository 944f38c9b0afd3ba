/**
 * Shows dates and times as the browser is used to: a British one writes 14:05 and 27/11, whatever the language of the
 * page is. Creating a formatter takes longer than using it a hundred times, so there is one of each kind.
 */

const FORMATS = {
  day: { dateStyle: "full" },
  time: { hour: "2-digit", minute: "2-digit" },
  short: { dateStyle: "medium", timeStyle: "short" },
  both: { dateStyle: "medium", timeStyle: "medium" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** @param time ISO 8601. */
export function showTime(time: string, format: keyof typeof FORMATS): string {
  const formatter = formatters.get(format) ?? new Intl.DateTimeFormat(timeLanguage(), FORMATS[format]);
  formatters.set(format, formatter);
  return formatter.format(new Date(time));
}

/** The language of the dates: a screen reader has to know it where the words of the page are in another one. */
export function timeLanguage(): string | undefined {
  try {
    return Intl.getCanonicalLocales(navigator.language)[0];
  } catch {
    // Some systems have no language, only "C".
    return undefined;
  }
}
