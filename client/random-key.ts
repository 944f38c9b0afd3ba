/**
 * Makes a key that nobody else will make: 128 bits from a cryptographic source. Browsers have a call for such keys, but
 * only over https, and a class uses plain http.
 */
const KEY_BYTES = 16;

export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
