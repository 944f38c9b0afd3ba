/**
 * A name that nobody else comes upon: 128 bits from a cryptographic source. There is a call for such names, but browsers
 * keep it for https, and a class is served over plain http.
 */
const KEY_BYTES = 16;

export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
