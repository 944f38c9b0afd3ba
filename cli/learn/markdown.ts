/**
 * Shows Markdown as plain text in a terminal of any width: headings bold, paragraphs broken between words, code indented.
 * It knows what the lessons use, and no more. Lines of code are never broken: they are there to be copied.
 */
import { joined, line, type Printable, type Styled, style } from "../styled.ts";

/** Longer lines are hard to read. */
const MAX_COLUMNS = 90;
const MIN_COLUMNS = 20;
const PICTURE = "Picture";
const CODE_INDENT = "    ";
/** Marks around bold text, which take no column. No text of a lesson has these characters. */
const [BEGIN_BOLD, END_BOLD] = ["\ue000", "\ue001"];
const FENCE = /^\s*```(\w*)/;
/** A lesson often says the same in both. */
const IN_BOTH = ["python", "ts"];

interface How {
  columns: number;
  /** Where the same code stands there in two languages, only this one is shown. */
  code: "python" | "ts";
  /** The word before what a picture shows. */
  picture?: string;
  /** Where the file is that a link leads to. Without it, only the text of the link is shown. */
  placeOf?: (target: string) => string;
}

type Links = Pick<How, "picture" | "placeOf">;

/** Shows one paragraph. */
export function proseIn(markdown: string, columns: number): Styled {
  return joined(wrapped(markdown.replaceAll(/\s+/g, " ").trim(), widthFor(columns)));
}

export function showMarkdown(markdown: string, { columns, code, ...links }: How): Styled {
  const width = widthFor(columns);
  const shown: Printable[] = [];
  let paragraph: string[] = [];
  let fence: { isShown: boolean } | undefined;
  const end = () => {
    if (paragraph.length > 0) shown.push(...wrapped(paragraph.join(" "), width, links));
    paragraph = [];
  };
  const empty = () => {
    if (shown.length > 0 && shown.at(-1) !== "") shown.push("");
  };
  for (const each of markdown.split(/\r?\n/)) {
    const [isFence, tag = ""] = FENCE.exec(each) ?? [];
    if (isFence !== undefined) {
      end();
      fence = fence === undefined ? { isShown: !IN_BOTH.includes(tag) || tag === code } : undefined;
      empty();
    } else if (fence !== undefined) {
      if (fence.isShown) shown.push(line`${CODE_INDENT}${each.replaceAll("\t", "    ")}`);
    } else if (each.trim() === "") {
      end();
      empty();
    } else if (/^#+ /.test(each)) {
      end();
      shown.push(style("bold", each.replace(/^#+ /, "")));
    } else {
      if (/^\s*([-*]|\d+\.) /.test(each) || each.startsWith("|")) end();
      paragraph.push(paragraph.length === 0 ? each.trimEnd() : each.trim());
    }
  }
  end();
  while (shown.at(-1) === "") shown.pop();
  return joined(shown);
}

function widthFor(columns: number): number {
  return Math.max(MIN_COLUMNS, Math.min(columns - 1, MAX_COLUMNS));
}

/** Breaks a paragraph, or an item of a list, into lines. */
function wrapped(text: string, width: number, links: Links = {}): Styled[] {
  const [mark = ""] = /^\s*([-*]|\d+\.) +/.exec(text) ?? [];
  const indent = " ".repeat(mark.length);
  const lines: string[] = [];
  let current = mark;
  let isEmpty = true;
  for (const word of marked(text.slice(mark.length), links).split(/\s+/)) {
    if (!isEmpty && columnsOf(current) + 1 + columnsOf(word) > width) {
      lines.push(current);
      current = indent;
      isEmpty = true;
    }
    current += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  let isBold = false;
  return [...lines, current].map((each) => {
    const parts = each.split(new RegExp(`[${BEGIN_BOLD}${END_BOLD}]`)).map((part, i) => {
      // The marks alternate, so each second part is bold, unless the line before ended in the middle of a bold text.
      return isBold === (i % 2 === 0) && part !== "" ? style("bold", part) : line`${part}`;
    });
    if (parts.length % 2 === 0) isBold = !isBold;
    return joined(parts, "");
  });
}

/** Puts marks around bold text, and makes links and pictures readable. Code stays as it is. */
function marked(text: string, links: Links): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, i) => (i % 2 === 1 ? part : withoutLinks(part, links)))
    .join("")
    .replace(/(?<!\*)\*\*(?![\s*])([^*]+)\*\*/g, `${BEGIN_BOLD}$1${END_BOLD}`);
}

function withoutLinks(text: string, { picture = PICTURE, placeOf }: Links): string {
  return text
    .replace(/!\[([^\]]*)\]\([^)]*\)/g, `(${picture}: $1)`)
    .replace(/\[([^\]]*)\]\((https?:[^)]*)\)/g, "$1 ($2)")
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, (_, name: string, target: string) => {
      const place = placeOf?.(target) ?? name;
      return place.endsWith(name) ? place : `${name} (${place})`;
    })
    .replace(/<(https?:[^>]*)>/g, "$1");
}

function columnsOf(text: string): number {
  return [...text].filter((character) => character !== BEGIN_BOLD && character !== END_BOLD).length;
}
