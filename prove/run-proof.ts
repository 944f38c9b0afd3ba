/**
 * Runs one proof and cleans up after it, whether it passed or not. prove/run.ts and prove/quick.ts call it.
 */
import type { Ending } from "../testing/at-end.ts";
import { type Proof, type Size, Unproven } from "./proof.ts";

export interface Outcome {
  result: "proved" | "broken" | "unproven";
  /** The figure, or what is wrong, or what this machine lacks. */
  says: string;
  seconds: number;
  error?: unknown;
}

export async function runProof(proof: Proof, size: Size, log: (line: string) => void): Promise<Outcome> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const work: (() => Promise<void>)[] = [];
  const ending: Ending = { after: (each) => void work.push(each) };
  try {
    return { result: "proved", says: await proof.prove({ size, ending, log }), seconds: seconds() };
  } catch (error) {
    if (error instanceof Unproven) return { result: "unproven", says: error.message, seconds: seconds() };
    const says = error instanceof Error ? error.message : String(error);
    return { result: "broken", says, seconds: seconds(), error };
  } finally {
    for (const each of work) await each();
  }
}
