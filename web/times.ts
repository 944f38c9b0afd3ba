/**
 * Shows dates and times in the language of the page. Creating a formatter takes longer than using it a hundred times,
 * so there is one of each kind for each language.
 */
import { currentLanguage } from "./language.ts";

const FORMATS = {
  day: { dateStyle: "full" },
  time: { hour: "2-digit", minute: "2-digit" },
  both: { dateStyle: "medium", timeStyle: "medium" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** @param time ISO 8601. */
export function showTime(time: string, format: keyof typeof FORMATS): string {
  const language = currentLanguage();
  const name = `${language} ${format}`;
  const formatter = formatters.get(name) ?? new Intl.DateTimeFormat(language, FORMATS[format]);
  formatters.set(name, formatter);
  return formatter.format(new Date(time));
}
