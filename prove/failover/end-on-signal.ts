/**
 * Ctrl-C in the middle of a proof: what it has begun on this machine is taken away before the process ends. Without
 * this, network namespaces and mounted disks would stay.
 */
import { atEnd, type Ending } from "../../testing/at-end.ts";

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Must be called first: it cleans up what was begun after it. @returns an ending that also ends so. */
export function endOnSignal(ending: Ending): Ending {
  const works: (() => Promise<void>)[] = [];
  const own: Ending = { after: (work) => void works.push(work) };
  let cleaning: Promise<void> | undefined;
  const clean = () => {
    cleaning ??= (async () => {
      for (const work of works) await work();
    })();
    return cleaning;
  };
  for (const [signal, code] of Object.entries(EXIT_CODES)) {
    const stop = () => void clean().finally(() => process.exit(code));
    process.once(signal, stop);
    atEnd(ending, () => process.removeListener(signal, stop));
  }
  atEnd(ending, clean);
  return own;
}
