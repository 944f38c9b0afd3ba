/**
 * The catalogues of words: each language has exactly the phrases that English has.
 */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

type Catalogue = Record<string, string | Record<string, string>>;

const read = (name: string): Catalogue => JSON.parse(readFileSync(join(import.meta.dirname, name), "utf8"));

/** The `{names}` in a phrase. */
function placeholders(phrase: string | Record<string, string> = ""): string[] {
  const texts = typeof phrase === "string" ? [phrase] : Object.values(phrase);
  return [...new Set(texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name)))].sort();
}

const CATALOGUES = globSync("{*,teacher/*,learn/*}.json", { cwd: import.meta.dirname }).map((name) =>
  name.replaceAll("\\", "/"),
);

/** The English catalogue beside this one. */
function englishBeside(name: string): Catalogue {
  return read(name.replace(/[^/]+$/, "en.json"));
}

test("every language has the words of the teacher's page and of the course, too", () => {
  const ofPage = CATALOGUES.filter((name) => !name.includes("/"));
  assert.deepEqual(
    CATALOGUES.filter((name) => name.includes("/")).sort(),
    ["teacher", "learn"].flatMap((folder) => ofPage.map((name) => `${folder}/${name}`)).sort(),
  );
});

for (const name of CATALOGUES) {
  test(`${name} has every phrase, with the same placeholders, and every plural form of its language`, () => {
    const catalogue = read(name);
    const english = englishBeside(name);
    assert.deepEqual(Object.keys(catalogue), Object.keys(english));
    const forms = new Intl.PluralRules(name.replace(/^.*\/|\.json$/g, "")).resolvedOptions().pluralCategories.sort();
    for (const [phrase, words] of Object.entries(catalogue)) {
      assert.deepEqual(placeholders(words), placeholders(english[phrase]), phrase);
      if (typeof words !== "string") assert.deepEqual(Object.keys(words).sort(), forms, phrase);
    }
  });
}

test("every phrase in the English catalogues is used somewhere", () => {
  const root = join(import.meta.dirname, "..");
  const code = globSync("**/*.ts", { cwd: root })
    .filter((path) => !path.endsWith(".test.ts"))
    .map((path) => readFileSync(join(root, path), "utf8"))
    .join("\n");
  const unused = Object.keys({ ...read("en.json"), ...read("teacher/en.json"), ...read("learn/en.json") }).filter(
    (phrase) => {
      // Some are joined from two parts: `connection.${state}`.
      const [, beginning = "", end = ""] = /^(\w+\.)(.*)$/.exec(phrase) ?? [];
      const isJoined = code.includes(`\`${beginning}\${`) && new RegExp(`"${end.replace(/None$/, "")}"`).test(code);
      return phrase !== "language" && !code.includes(`"${phrase}"`) && !isJoined;
    },
  );
  assert.deepEqual(unused, []);
});
