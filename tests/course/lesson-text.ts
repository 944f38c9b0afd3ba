/**
 * Reads a lesson's text: its sections, its blocks of code, and the lines for curl with the reply that is shown below
 * them. lessons.test.ts uses it. It knows Markdown only as far as the lessons use it.
 */

export interface Block {
  /** What stands after the three backticks, such as `sh` or `python`. */
  language: string;
  lines: string[];
  /** The headings above it, the nearest one last. */
  under: string[];
}

export interface LessonText {
  headings: { level: number; name: string; line: number }[];
  blocks: Block[];
  lines: string[];
}

export function readText(markdown: string): LessonText {
  const lines = markdown.replace(/\n$/, "").split("\n");
  const headings: LessonText["headings"] = [];
  const blocks: Block[] = [];
  let open: Block | undefined;
  let under: string[] = [];
  for (const [line, text] of lines.entries()) {
    const [, fence, language = ""] = /^(```)(\w*)/.exec(text) ?? [];
    const [, hashes, name = ""] = /^(#+) (.+)$/.exec(text) ?? [];
    if (fence !== undefined) {
      const block = open === undefined ? { language, lines: [], under } : undefined;
      if (block !== undefined) blocks.push(block);
      open = block;
    } else if (open !== undefined) open.lines.push(text);
    else if (hashes !== undefined) {
      headings.push({ level: hashes.length, name, line });
      under = [...under.slice(0, hashes.length - 1), name];
    }
  }
  return { headings, blocks, lines };
}

export interface Exchange {
  command: string;
  /** What the text shows as the reply, if it shows one: `http` with the status, `json` only the body. */
  shown?: { language: string; text: string };
}

/** The lines for curl, in order. A reply that is shown right below belongs to the last line of its block. */
export function exchangesIn({ blocks }: LessonText): Exchange[] {
  return blocks.flatMap((block, i) => {
    if (block.language !== "sh") return [];
    const commands = block.lines
      .join("\n")
      .replaceAll("\\\n", " ")
      .split("\n")
      .filter((line) => line.startsWith("curl "));
    const next = blocks[i + 1];
    const isReply = next !== undefined && ["http", "json"].includes(next.language);
    return commands.map((command, j) =>
      isReply && j === commands.length - 1
        ? { command, shown: { language: next.language, text: next.lines.join("\n") } }
        : { command },
    );
  });
}

/** What a section says, without its heading. @param name of a heading. */
export function section({ headings, lines }: LessonText, name: string): string {
  const index = headings.findIndex((heading) => heading.name === name);
  const start = headings[index];
  if (start === undefined) return "";
  const end = headings.slice(index + 1).find(({ level }) => level <= start.level);
  return lines.slice(start.line + 1, end?.line).join("\n");
}
