/**
 * Draws an address as a QR code in the terminal, so that nobody in class has to type it on a phone. serve.ts calls it.
 */
import { styleText } from "node:util";
import { renderUnicodeCompact } from "uqr";

/** Always dark on light, whatever the terminal's colours are: some cameras cannot read light on dark. */
export function qrCode(address: string): string {
  const rows = renderUnicodeCompact(address, { border: 2, invert: true }).split("\n");
  return `${rows.map((row) => `  ${styleText(["black", "bgWhiteBright"], row)}`).join("\n")}\n\n`;
}
