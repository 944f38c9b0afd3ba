/**
 * An address as a QR code. It is always dark on light, even in dark mode: not every camera can read the opposite.
 */
import { svg, type TemplateResult } from "lit-html";
import { encode } from "uqr";

/** The white border around it, in modules (the squares of the code). */
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
