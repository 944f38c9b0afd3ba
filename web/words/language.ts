/**
 * The words of the page, in the user's language. Each language is one file in languages/: adding `fr.json` there adds
 * French. A phrase that is missing in it is shown in English. The words of the teacher's page are in languages/teacher/,
 * and those of the course in languages/learn/, so that no other page loads them.
 */
import { forAllTabs } from "../browser/browser-storage.ts";
import { lookUpLanguage, tagOf, withShorter } from "./language-lookup.ts";

type English = typeof import("../languages/en.json", { with: { type: "json" }});
type TeachersEnglish = typeof import("../languages/teacher/en.json", { with: { type: "json" }});

type LearnersEnglish = typeof import("../languages/learn/en.json", { with: { type: "json" }});

export type Phrase = keyof English | keyof TeachersEnglish | keyof LearnersEnglish;

/** A sentence with `{names}` in it, or one sentence for each plural form of the language. */
type Catalogue = Partial<Record<Phrase, string | Partial<Record<Intl.LDMLPluralRule, string>>>>;

interface Language {
  /** Such as "de". */
  code: string;
  /** Its own name for itself, such as "Deutsch". */
  name: string;
}

const FOLDER = "/web/languages";

/** The folders of the words that this page needs besides. */
let folders: readonly string[] = [];
let catalogues: Catalogue[] = [];
let plurals = new Intl.PluralRules("en");
let languages: Language[] = [];
let current = "en";

/**
 * Loads the language that the user chose before, or the first one that the browser asks for, or English.
 * @param more folders with words that only this page needs.
 */
export async function loadLanguage(...more: string[]): Promise<void> {
  folders = more;
  languages = await load<Language[]>("index");
  const wanted = [forAllTabs.read<string>("language") ?? "", ...navigator.languages];
  // A catalogue that cannot be read must not keep anybody out for good.
  await useLanguage(lookUpLanguage(wanted, codes()) ?? "en").catch(() => useLanguage("en"));
}

/** Changes the language and remembers it. */
export async function chooseLanguage(code: string): Promise<void> {
  // First: somebody may reload the page before the words have come.
  forAllTabs.write("language", code);
  await useLanguage(code);
}

async function useLanguage(code: string): Promise<void> {
  const languagesToRead = [...new Set([...withShorter(code, codes()), "en"])];
  const names = languagesToRead.flatMap((each) => [each, ...folders.map((folder) => `${folder}/${each}`)]);
  catalogues = await Promise.all(names.map((name) => load<Catalogue>(name).catch(unlessEnglish(name))));
  plurals = new Intl.PluralRules(tagOf(code));
  current = code;
  document.documentElement.lang = tagOf(code);
}

/** A language may have no words for the teacher's page or the course. Then they are shown in English. */
function unlessEnglish(name: string): (error: unknown) => Catalogue {
  return (error) => {
    if (!name.includes("/") || name.endsWith("/en")) throw error;
    return {};
  };
}

function codes(): string[] {
  return languages.map(({ code }) => code);
}

async function load<Content>(name: string): Promise<Content> {
  const reply = await fetch(`${FOLDER}/${name}.json`);
  if (!reply.ok) throw new Error(`The language ${name} cannot be loaded`);
  return reply.json();
}

export function allLanguages(): readonly Language[] {
  return languages;
}

export function currentLanguage(): string {
  return current;
}

/** A phrase in the language of the page. @param values replace the `{names}` in it; `count` also chooses the plural. */
export function say(phrase: Phrase, values: Record<string, string | number> = {}): string {
  const found = catalogues.map((catalogue) => catalogue[phrase]).find((each) => each !== undefined) ?? phrase;
  const form = plurals.select(Number(values.count ?? 0));
  const sentence = typeof found === "string" ? found : (found[form] ?? found.other ?? phrase);
  return sentence.replace(/\{(\w+)\}/g, (name, key: string) => String(values[key] ?? name));
}
