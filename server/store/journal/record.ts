/**
 * One line of the journal. A message is written with the names that the API uses. So you see in the file what the API
 * answers, and a page can be cut out of the file without parsing each line:
 *
 *     {"op":"post","seq":18,"messageId":17,"fromId":1,…,"message":"hi","sentAt":"…","crc":"9f3a0c1b"}
 *
 * The CRC-32 covers every byte before `,"crc"`. Every line that is read is compared with its CRC before it is used.
 */
import { crc32 } from "node:zlib";

/** A message as it is now: written when it is sent ("post"), and again as a whole when it is edited ("edit"). */
export interface MessageRecord {
  op: "post" | "edit";
  /** The number of the event in the journal, ascending. */
  seq: number;
  /** In an edit: the number of the event with which the message was sent. */
  postSeq?: number;
  /** The client's Idempotency-Key, and a digest of recipient and text that tells a retry from another message. */
  key?: string;
  digest?: string;
  messageId: number;
  fromId: number;
  fromHandle: string;
  toId: number;
  toHandle: string;
  message: string;
  sentAt: string;
  /** From the teacher of a class. */
  isTeacher?: true;
  /** Sent to the whole class. */
  isToAll?: true;
  editedAt?: string;
}

export type JournalRecord =
  | MessageRecord
  /** A message is gone. Its sender and recipient stay known, so that both can still be told. */
  | { op: "delete"; seq: number; messageId: number; fromId: number; toId: number }
  /** A user is gone, with everything in the user's queue. */
  | { op: "leave"; seq: number; userId: number }
  /** An id was given to a user. */
  | { op: "user"; seq: number; userId: number }
  /**
   * The first line of a file: the greatest ids in the files before it. If compaction has taken lines out of the newest
   * file, `usedMessageId` is the greatest id that was ever given to a message, and `seq` is the number of the last
   * event at that time.
   */
  | StartRecord;

export interface StartRecord {
  op: "start";
  seq: number;
  lastMessageId: number;
  lastUserId: number;
  usedMessageId?: number;
}

const CRC_START = ',"crc":"';
const CRC_END = '"}\n';
/** Bytes from `,"crc":"` to the end of the line. */
const TAIL_BYTES = CRC_START.length + 8 + CRC_END.length;
/** The same as bytes, for comparing. */
const CRC_START_BYTES = [...Buffer.from(CRC_START)];
const CRC_END_BYTES = [...Buffer.from(CRC_END)];
const DIGITS = Buffer.from("0123456789abcdef");

/** Bytes of `{"op":"post","seq":`, and of the same for an edit. */
const BEFORE_SEQ_BYTES = 19;
const COMMA = 0x2c;
const LETTER_M = 0x6d;

/** The line for a record, with its CRC and its newline. */
export function encodeRecord(record: JournalRecord): string {
  return withCrc(record);
}

/** Any object as a line of JSON with a CRC that isIntact() accepts. */
export function withCrc(value: object): string {
  const body = JSON.stringify(value).slice(0, -1);
  return `${body}${CRC_START}${hexOf(crc32(body))}${CRC_END}`;
}

/** Eight digits, made in two halves: a number of more than 31 bits would take three times as long. */
function hexOf(crc: number): string {
  return (crc >>> 16).toString(16).padStart(4, "0") + (crc & 0xffff).toString(16).padStart(4, "0");
}

/** The record in a line (with its newline), or undefined when the line is not exactly what was once written. */
export function decodeRecord(line: Buffer): JournalRecord | undefined {
  if (!isIntact(line)) return undefined;
  try {
    const record: unknown = JSON.parse(`${line.toString("utf8", 0, line.length - TAIL_BYTES)}}`);
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a line has its frame and the right CRC. This runs for every line that is read. */
export function isIntact(line: Buffer): boolean {
  let at = line.length - TAIL_BYTES;
  if (at <= 0) return false;
  const crc = crc32(line.subarray(0, at));
  // Byte by byte: making a text of these few bytes only to compare it takes longer than the CRC itself.
  for (const byte of CRC_START_BYTES) if (line[at++] !== byte) return false;
  for (let shift = 28; shift >= 0; shift -= 4) if (line[at++] !== DIGITS[(crc >>> shift) & 0xf]) return false;
  for (const byte of CRC_END_BYTES) if (line[at++] !== byte) return false;
  return true;
}

const SEQ = Buffer.from('"seq":');
const ZERO = 0x30;
const NINE = 0x39;

/** The number of the event in a line, even in a damaged one. Quotes in a text have a backslash, so none is taken for it. */
export function seqIn(line: Buffer): number | undefined {
  const at = line.indexOf(SEQ);
  if (at === -1) return undefined;
  let seq = 0;
  let digits = 0;
  for (let i = at + SEQ.length; digits < 16; i++, digits++) {
    const digit = line[i] ?? 0;
    if (digit < ZERO || digit > NINE) break;
    seq = seq * 10 + digit - ZERO;
  }
  return digits === 0 ? undefined : seq;
}

/** The CRC that a line says it has. For a line that says none, any number. */
export function crcIn(line: Buffer): number {
  let crc = 0;
  for (let at = line.length - CRC_END.length - 8; at < line.length - CRC_END.length; at++) {
    crc = crc * 16 + DIGITS.indexOf(line[at] ?? 0);
  }
  return crc;
}

/**
 * Where the message begins in a line, as the API shows it. The fields before it are the journal's own. A quote inside a
 * value is always escaped, so `"messageId":` can only be the name of the field.
 * @param lineStart where in the buffer the line begins.
 */
export function messageStart(buffer: Buffer, lineStart: number): number {
  let comma = lineStart + BEFORE_SEQ_BYTES;
  while (buffer[comma] !== COMMA) comma++;
  // Almost always the message comes next. If there is an Idempotency-Key, it comes before the message.
  return buffer[comma + 2] === LETTER_M ? comma + 1 : buffer.indexOf('"messageId":', comma);
}

/** The id of the message that begins in a line at `start`. NaN if there is none. */
export function messageIdAt(buffer: Buffer, start: number): number {
  const from = start + '"messageId":'.length;
  return Number.parseInt(buffer.toString("latin1", from, from + 16), 10);
}

/** Where the message ends in a line. @param lineEnd where in the buffer the line ends, after its newline. */
export function messageEnd(lineEnd: number): number {
  return lineEnd - TAIL_BYTES;
}

export const NEWLINE = 0x0a;

/** The numbers that a line must have, for each kind of event. */
const NUMBERS: Record<string, readonly string[]> = {
  post: ["messageId", "fromId", "toId"],
  edit: ["messageId", "fromId", "toId", "postSeq"],
  delete: ["messageId", "fromId", "toId"],
  leave: ["userId"],
  user: ["userId"],
  start: ["lastMessageId", "lastUserId"],
};

function isRecord(value: unknown): value is JournalRecord {
  if (typeof value !== "object" || value === null || !("op" in value) || !("seq" in value)) return false;
  const numbers = typeof value.op === "string" && Object.hasOwn(NUMBERS, value.op) ? NUMBERS[value.op] : undefined;
  if (numbers === undefined || !isCount(value.seq)) return false;
  return numbers.every((field) => isCount((value as Record<string, unknown>)[field]));
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
