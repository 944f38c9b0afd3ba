/**
 * Reads the texts of the lessons: headings, paragraphs, lists, blocks of code, pictures, links. That is all that they
 * use, so a library would bring more than the page needs. The result is a tree and never markup: markdown-view.ts makes
 * elements of it, and whatever looks like HTML stays text.
 */

export type Inline =
  | { type: "text" | "code" | "strong" | "em"; text: string }
  | { type: "link"; text: string; to: string }
  | { type: "image"; alt: string; from: string };

export type Block =
  | { type: "heading"; level: number; words: Inline[] }
  | { type: "paragraph"; words: Inline[] }
  | { type: "list"; isOrdered: boolean; items: Inline[][] }
  | { type: "code"; language: string; text: string };

const FENCE = /^```(\w*)\s*$/;
const HEADING = /^(#{1,6}) +(.*)$/;
/** What `plainchat learn` shows in the place of the lines before it. It has lines of its own. */
const COMMENT = /^<!--[\s\S]*?-->\n/gm;
const ITEM = /^(?:[-*]|(\d+)\.) +(.*)$/;

export function readMarkdown(source: string): Block[] {
  const blocks: Block[] = [];
  const lines = source.replaceAll("\r\n", "\n").replaceAll(COMMENT, "").split("\n");
  let i = 0;
  const take = (isMore: (line: string) => boolean): string[] => {
    const first = i;
    while (i < lines.length && isMore(lines[i] ?? "")) i++;
    return lines.slice(first, i);
  };
  while (i < lines.length) {
    const line = lines[i] ?? "";
    const [, language] = FENCE.exec(line) ?? [];
    const [, marks, title = ""] = HEADING.exec(line) ?? [];
    if (line.trim() === "") i++;
    else if (language !== undefined) {
      i++;
      blocks.push({ type: "code", language, text: take((each) => !FENCE.test(each)).join("\n") });
      i++;
    } else if (marks !== undefined) {
      i++;
      blocks.push({ type: "heading", level: marks.length, words: readInline(title) });
    } else if (ITEM.test(line)) {
      const isOrdered = /^\d/.test(line);
      const items: string[] = [];
      for (const each of take((next) => ITEM.test(next) || /^ +\S/.test(next))) {
        const [, , text] = ITEM.exec(each) ?? [];
        // A long item goes on in the next line.
        if (text === undefined) items.push(`${items.pop() ?? ""} ${each.trim()}`);
        else items.push(text);
      }
      blocks.push({ type: "list", isOrdered, items: items.map(readInline) });
    } else {
      const text = take((each) => each.trim() !== "" && !FENCE.test(each) && !HEADING.test(each) && !ITEM.test(each));
      blocks.push({ type: "paragraph", words: readInline(text.join(" ")) });
    }
  }
  return blocks;
}

const INLINE =
  /(`+)(?<code>.+?)\1|!\[(?<alt>[^\]]*)\]\((?<from>[^)\s]+)\)|\[(?<text>[^\]]+)\]\((?<to>[^)\s]+)\)|<(?<address>https?:\/\/[^>\s]+)>|\*\*(?<strong>[^*]+)\*\*|\*(?<em>[^*\s][^*]*)\*/g;

export function readInline(source: string): Inline[] {
  const words: Inline[] = [];
  let end = 0;
  for (const { index, 0: whole, groups = {} } of source.matchAll(INLINE)) {
    if (index > end) words.push({ type: "text", text: source.slice(end, index) });
    end = index + whole.length;
    words.push(inlineOf(groups));
  }
  if (end < source.length) words.push({ type: "text", text: source.slice(end) });
  return words;
}

function inlineOf({ code, alt, from, text, to, address, strong, em }: Record<string, string | undefined>): Inline {
  if (code !== undefined) return { type: "code", text: code };
  if (from !== undefined) return { type: "image", alt: alt ?? "", from };
  if (to !== undefined) return { type: "link", text: text ?? to, to };
  if (address !== undefined) return { type: "link", text: address, to: address };
  if (strong !== undefined) return { type: "strong", text: strong };
  return { type: "em", text: em ?? "" };
}

/** A heading of the second level, and what is below it. */
export interface Section {
  title: Inline[];
  blocks: Block[];
  /** If it has headings of the third level: each of them with its blocks. These are hints, opened one after the other. */
  hints: { title: Inline[]; blocks: Block[] }[];
}

export interface LessonText {
  /** Above the first section, without the title. */
  before: Block[];
  sections: Section[];
}

export function sectionsOf(blocks: Block[]): LessonText {
  const text: LessonText = { before: [], sections: [] };
  for (const block of blocks) {
    const section = text.sections.at(-1);
    const hint = section?.hints.at(-1);
    if (block.type === "heading" && block.level === 1) continue;
    if (block.type === "heading" && block.level === 2)
      text.sections.push({ title: block.words, blocks: [], hints: [] });
    else if (block.type === "heading" && section !== undefined) section.hints.push({ title: block.words, blocks: [] });
    else (hint?.blocks ?? section?.blocks ?? text.before).push(block);
  }
  return text;
}
