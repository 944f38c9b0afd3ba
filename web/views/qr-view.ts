/**
 * An address as a QR code, dark on light whatever the page's colours are: not every camera reads it the other way round.
 */
import { svg, type TemplateResult } from "lit-html";
import { encode } from "uqr";

/** Modules of white around it. */
const BORDER = 2;

export function qrView(address: string, label: string): TemplateResult {
  const { size, data } = encode(address, { border: BORDER });
  const squares = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")));
  return svg`
    <svg class="qr" role="img" aria-label=${label} viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">
      <rect width=${size} height=${size} fill="#ffffff"></rect>
      <path d=${squares.join("")} fill="#000000"></path>
    </svg>
  ` as TemplateResult;
}
