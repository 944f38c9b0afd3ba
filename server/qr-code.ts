/**
 * An address as a QR code for the terminal, so that a phone in the class need not be typed on.
 */
import { styleText } from "node:util";
import { renderUnicodeCompact } from "uqr";

/** Dark on light whatever the terminal's own colours are: some cameras do not read it the other way round. */
export function qrCode(address: string): string {
  const rows = renderUnicodeCompact(address, { border: 2, invert: true }).split("\n");
  return `${rows.map((row) => `  ${styleText(["black", "bgWhiteBright"], row)}`).join("\n")}\n\n`;
}
