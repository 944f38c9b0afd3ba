/**
 * Tests which language the page takes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { lookUpLanguage, tagOf, withShorter } from "./language-lookup.ts";

test("a language is found by its tag, by a shorter one, or as another of the same language", () => {
  for (const [wanted, codes, expected] of [
    [["pt-BR"], ["de", "en", "pt-BR"], "pt-BR"],
    [["pt-br"], ["en", "pt-BR"], "pt-BR"],
    [["pt-BR", "en"], ["en", "pt"], "pt"],
    [["pt", "en"], ["en", "pt-BR"], "pt-BR"],
    [["pt-PT", "en"], ["en", "pt-BR"], "pt-BR"],
    [["pt-PT"], ["pt-BR", "pt"], "pt"],
    [["zh-TW"], ["zh-CN", "zh-TW"], "zh-TW"],
    [["zh-HK"], ["zh-CN", "zh-TW"], "zh-TW"],
    [["zh-Hant-HK"], ["zh-CN", "zh-Hant"], "zh-Hant"],
    [["zh-SG"], ["zh-TW", "zh-CN"], "zh-CN"],
    [["zh"], ["zh-TW", "zh-CN"], "zh-CN"],
    [["de-AT", "en"], ["en", "de"], "de"],
    [["de-CH-1996-u-nu-latn"], ["en", "de"], "de"],
    [["fr-CA", "de", "en"], ["en", "de"], "de"],
    [["pt-BR"], ["en", "pt_BR"], "pt_BR"],
    [["C", "", "de"], ["en", "de"], "de"],
    [["en"], ["klingon-as-it-is-spoken", "en"], "en"],
    [["sv"], ["en", "de"], undefined],
  ] as const) {
    assert.equal(lookUpLanguage(wanted, codes), expected, `${wanted} among ${codes}`);
  }
});

test("words that are missing come from the shorter tag, and every name of a file gives a tag that browsers accept", () => {
  assert.deepEqual(withShorter("pt-BR", ["en", "pt", "pt-BR"]), ["pt-BR", "pt"]);
  assert.deepEqual(withShorter("pt_BR", ["en", "pt_BR"]), ["pt_BR"]);
  assert.equal(tagOf("pt_BR"), "pt-BR");
  assert.equal(tagOf("x"), "en");
});
