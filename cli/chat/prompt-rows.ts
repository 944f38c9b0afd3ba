/**
 * Breaks the text that is being typed into rows of the screen. The terminal must not do that itself: it would join the
 * rows again when the window gets wider, or not, and nobody could tell how many rows to clear.
 */
import { visible } from "../../check/report/visible.ts";

export interface Row {
  text: string;
  /** In columns. */
  width: number;
}

interface PromptRows {
  rows: Row[];
  cursor: { row: number; column: number };
}

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const TAB = "    ";

/**
 * @param cursor an index into the text.
 * @param columns the width of the screen.
 * @param widthOf how many columns a character takes.
 */
export function rowsOf(
  text: string,
  cursor: number,
  columns: number,
  widthOf: (character: string) => number,
): PromptRows {
  let row: Row = { text: "", width: 0 };
  const rows = [row];
  const begin = () => {
    row = { text: "", width: 0 };
    rows.push(row);
  };
  let place: PromptRows["cursor"] | undefined;
  const here = () => ({ row: rows.length - 1, column: row.width });
  for (const { segment, index } of GRAPHEMES.segment(text)) {
    const isBreak = segment === "\n";
    const shown = isBreak ? "" : visible(segment).replaceAll("\t", TAB);
    const width = isBreak ? 0 : widthOf(shown);
    if (row.width > 0 && row.width + width > columns) begin();
    if (place === undefined && index + segment.length > cursor) place = here();
    row.text += shown;
    row.width += width;
    if (isBreak) begin();
  }
  // There is no column after the last one.
  if (row.width >= columns) begin();
  return { rows, cursor: place ?? here() };
}

/** At most `height` rows, among them the one with the cursor. */
export function rowsInSight({ rows, cursor }: PromptRows, height: number): PromptRows {
  const first = Math.min(Math.max(0, cursor.row - height + 1), Math.max(0, rows.length - height));
  return { rows: rows.slice(first, first + height), cursor: { ...cursor, row: cursor.row - first } };
}
