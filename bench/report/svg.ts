/**
 * What both kinds of plots share: the frame of the picture, its colours for light and dark, elements and scales. We
 * write the plots ourselves: that takes a few lines, and a plotting library has a hundred thousand.
 */

/** Colour-blind people can tell these colours apart, and all are readable on both backgrounds. */
const STYLE = `
  svg { font: 13px system-ui, sans-serif; }
  .ground { fill: #ffffff; } text { fill: #1f2328; } .quiet { fill: #59636e; font-size: 11px; } .title { font-weight: 600; }
  .grid { stroke: #d1d9e0; } .zero { stroke: #59636e; } .goal { stroke: #bc4c00; stroke-width: 3; }
  .better { fill: #1a7f5a; } .worse { fill: #8250a8; } .line { stroke: #0969da; stroke-width: 2; fill: none; }
  .point { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; } text { fill: #f0f6fc; } .quiet { fill: #9198a1; }
    .grid { stroke: #3d444d; } .zero { stroke: #9198a1; } .goal { stroke: #ffa657; }
    .better { fill: #3fb98a; } .worse { fill: #b58ad8; } .line { stroke: #4493f8; } .point { fill: #4493f8; }
  }
`;

interface Picture {
  width: number;
  height: number;
  title: string;
  /** What the picture shows, in words, for people who cannot see it. */
  description: string;
}

/** Puts the elements into a complete picture. */
export function svgOf({ width, height, title, description }: Picture, elements: string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<desc id="description">${escapeXml(description)}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${width}" height="${height}" rx="6"/>`,
    ...elements,
    "</svg>\n",
  ].join("\n");
}

/** An element with attributes, and with text if there is any. Numbers get one decimal at most. */
export function element(name: string, attributes: Record<string, string | number>, text?: string): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? Number(value.toFixed(1)) : escapeXml(value)}"`)
    .join("");
  return text === undefined ? `<${name}${written}/>` : `<${name}${written}>${escapeXml(text)}</${name}>`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Maps the domain to the range on a scale where all powers of ten are equally far apart. */
export function logScale(domain: [number, number], range: [number, number]): (value: number) => number {
  const [low, high] = domain.map(Math.log10) as [number, number];
  return (value) => range[0] + ((Math.log10(value) - low) / (high - low)) * (range[1] - range[0]);
}

/** The powers of ten below and above all values; at least one whole decade apart. */
export function decadesAround(values: number[]): [number, number] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  return [10 ** low, 10 ** Math.max(high, low + 1)];
}

/** All powers of ten from the first to the second. */
export function decades([low, high]: [number, number]): number[] {
  const first = Math.round(Math.log10(low));
  const count = Math.round(Math.log10(high)) - first + 1;
  return Array.from({ length: count }, (_, i) => 10 ** (first + i));
}
