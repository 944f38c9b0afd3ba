/**
 * Text with colours for the terminal. Only this file makes escape sequences for styles, and every text that is put
 * between them becomes visible (check/report/visible.ts): a text from a server cannot bring its own.
 */
import { styleText } from "node:util";
import { visible, visibleInLine } from "../check/report/visible.ts";

/** A text that may go to the terminal as it is. */
export class Styled {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Printable = string | number | Styled;

/** What goes to the terminal: a plain text is made visible, and keeps its line breaks. */
export function shown(text: Printable): string {
  return text instanceof Styled ? text.text : visible(String(text));
}

/** A template for one line. A plain text in it cannot begin another line. */
export function line({ raw }: TemplateStringsArray, ...values: Printable[]): Styled {
  return new Styled(String.raw({ raw }, ...values.map(inLine)));
}

export function style(format: Parameters<typeof styleText>[0], text: Printable): Styled {
  return new Styled(styleText(format, inLine(text)));
}

export function joined(parts: readonly Printable[], separator = "\n"): Styled {
  return new Styled(parts.map(shown).join(separator));
}

function inLine(value: Printable): string {
  return value instanceof Styled ? value.text : visibleInLine(String(value));
}
