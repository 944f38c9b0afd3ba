/**
 * An end to waiting. A computer whose cable was pulled out never answers, and nobody says so.
 */

/** The answer did not come in time. It may still come, and then nobody hears it. */
export class TooLate extends Error {
  override readonly name = "TooLate";
}

/** @throws {TooLate} if `answer` takes longer. */
export async function within<Value>(milliseconds: number, answer: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooLate(`no answer within ${Math.round(milliseconds)} ms`)), milliseconds);
  });
  try {
    return await Promise.race([answer, end]);
  } finally {
    clearTimeout(timer);
  }
}
