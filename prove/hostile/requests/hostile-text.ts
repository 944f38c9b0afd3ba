/**
 * Texts that have broken some program before: paths that lead out of a folder, bits of other languages, invalid
 * characters. They go wherever a request has room for text.
 */
import type { Random } from "./random.ts";

const TEXTS = [
  "../../../../etc/passwd",
  "..\\..\\..\\windows\\win.ini",
  "....//....//etc/shadow",
  "/etc/passwd",
  "//etc/passwd",
  "file:///etc/passwd",
  "../users/secret.dat",
  "users/1.dat",
  "1.dat",
  "secret",
  "../../server/main.ts",
  "..;/..;/metrics",
  ".",
  "..",
  "~root/.ssh/id_rsa",
  "CON",
  "C:\\boot.ini",
  "\\\\host\\share",
  "a\0.dat",
  "\0",
  "$(touch /tmp/hostile)",
  "`touch /tmp/hostile`",
  "; touch /tmp/hostile;",
  "{{7*7}}<%= 7*7 %>",
  "<script>alert(1)</script>",
  "' OR 1=1 --",
  "%s%n%x%d",
  "a\r\nSet-Cookie: a=b\r\n\r\nHTTP/1.1 200 OK",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "then",
  "undefined",
  "null",
  "NaN",
  "-0",
  "9007199254740993",
  "1e999",
  "\u202eabc",
  "\ufeffabc",
  "\ufffe\uffff",
  "e\u0301\u0301\u0301",
  "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
  "\u2028\u2029",
  "\u0130\u0131\u212a\u00df",
  "(((((((((((((((((((((((((((((a+)+)+",
  "",
  " ",
] as const;

/** Codes for an address. A server may decode them once, twice, or not at all. */
const ESCAPED = [
  "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
  "%252e%252e%252fetc%252fpasswd",
  "..%2f..%2fetc%2fpasswd",
  "..%5c..%5cwin.ini",
  "%c0%ae%c0%ae%c0%afetc",
  "%00",
  "a%00.ts",
  "%",
  "%2",
  "%zz",
  "%u002e",
  "%ff%fe",
  "%ed%a0%80",
  "..\\..\\etc\\passwd",
  "../../../etc/passwd",
  "./././",
  "//",
  ";a=b",
  "%0d%0aSet-Cookie:%20a=b",
  "{id}",
  ":slug",
  "*",
] as const;

export function hostileText(random: Random): string {
  if (random.oneIn(200)) return "x".repeat(random.pick([63, 64, 65, 255, 256, 4095, 4096, 4097, 30_000]));
  if (random.oneIn(12)) return Array.from({ length: random.below(20) }, () => anyCharacter(random)).join("");
  return random.pick(TEXTS);
}

export function hostileEscape(random: Random): string {
  return random.oneIn(6) ? encodeURIComponent(hostileText(random)) : random.pick(ESCAPED);
}

/** Only whole characters. Half ones are written into JSON as \ud800. */
function anyCharacter(random: Random): string {
  const point = random.below(random.pick([0x80, 0x800, 0xd800, 0x110000]));
  return String.fromCodePoint(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
}
