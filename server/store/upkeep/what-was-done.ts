/**
 * Says what somebody has done to a journal file by hand, and what the server has made of it, in sentences for the person
 * who did it. They stand in the log, at /readyz and in `plainchat doctor`.
 */
import type { Paths } from "../files/paths.ts";
import type { PutRight } from "./put-right.ts";

/** How many ids a sentence names. The log has them all. */
const MAX_IDS = 5;

/** @param file its name in the data folder. */
export function sentencesAbout(file: string, { found, takenOut, lost, copy }: PutRight, paths: Paths): string {
  const sentences: string[] = [];
  if (found === undefined) {
    sentences.push(`${file} was removed or moved while the server ran. The server has written it again.`);
  } else {
    const { changed, unseen, strange, isShuffled } = found;
    sentences.push(`${file} was changed by hand.`);
    if (takenOut.length > 0) sentences.push(`${messages(takenOut)} taken out, and removed for everybody.`);
    const others = found.takenOut.length - takenOut.length;
    if (others > 0) sentences.push(`${lines(others)} missing that the server needs, and put back.`);
    if (unseen > 0) {
      sentences.push(`${lines(unseen)} missing and put back, because nobody knows whether the editor had seen them.`);
    }
    if (changed > 0) sentences.push(`${lines(changed)} changed without a new crc, and put back as before.`);
    if (strange > 0) sentences.push("There were lines that the server did not write. They do not count.");
    if (isShuffled) sentences.push("Lines had changed places, and are back where they were.");
    if (sentences.length === 1) sentences.push("Nothing is missing and nothing is different.");
  }
  if (lost.length > 0) sentences.push(`${messages(lost)} lost: what was written over is not known any more.`);
  if (copy !== undefined) sentences.push(`The file as it was changed is in ${paths.below(copy)}.`);
  return sentences.join(" ");
}

/** While somebody may still put a file back. @param isNewest whether the server appends to it. */
export function beforeLoss(file: string, lost: number, isNewest: boolean): string {
  const what = lost === 1 ? "1 of its messages is" : `${lost} of its messages are`;
  const advice = "Put the file back as it was within ten seconds, or they are lost.";
  return `${file} was changed by hand, and ${what} in no other place. ${advice}${isNewest ? " Until then nobody can send." : ""}`;
}

function lines(count: number): string {
  return count === 1 ? "1 line was" : `${count} lines were`;
}

/** "Message 7 was", or "2 messages (3, 7) were". */
function messages(ids: number[]): string {
  if (ids.length === 1) return `Message ${ids[0]} was`;
  return `${ids.length} messages (${ids.slice(0, MAX_IDS).join(", ")}${ids.length > MAX_IDS ? ", …" : ""}) were`;
}
