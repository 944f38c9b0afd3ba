/**
 * Asks all hosts of a database's address at once which of them is the primary. primary.ts calls it for the server, and
 * terminal-connection.ts for commands, so that both choose the same one. The driver's own choice
 * (`target_session_attrs`) is not enough: it takes an old primary that has no standby any more, and a standby if
 * PostgreSQL is older than 14 or somebody is promoting one at this moment.
 */
import { hostName } from "./database-address.ts";
import { DatabaseHost, type Proof } from "./database-host.ts";
import { within } from "./deadline.ts";
import { inOneText, type Why, whyUnusable } from "./why-unusable.ts";

/** How long one look at the hosts may take, and how long it waits for the others when one of them fits. */
const LOOK_MILLISECONDS = 3000;
const OTHERS_MILLISECONDS = 300;

export interface Found extends Proof {
  host: DatabaseHost;
  /** When the proof that it can commit was begun, as performance.now() says it. */
  begun: number;
}

/**
 * If two hosts can commit, the one with the newer timeline counts.
 * @param addresses each with one host.
 * @param options.seenTimeline hosts with an older one are refused. 0 takes any.
 * @param options.mustBeDurable whether hosts with settings that may lose something are refused.
 * @returns the primary, which its caller must close, or why no host fits, and what to do about it.
 */
export async function chooseHost(
  addresses: readonly string[],
  { seenTimeline, mustBeDurable }: { seenTimeline: number; mustBeDurable: boolean },
): Promise<{ best: Found } | { best: undefined; reasons: string }> {
  const found: Found[] = [];
  const reasons: Why[] = [];
  let isOver = false;
  const looks = addresses.map(async (address) => {
    const host = new DatabaseHost(address, mustBeDurable);
    const begun = performance.now();
    try {
      const proof = await within(LOOK_MILLISECONDS, host.examine(seenTimeline));
      if (isOver) throw new Error("too late");
      found.push({ ...proof, host, begun });
    } catch (error) {
      host.close();
      const { reason, advice } = whyUnusable(error);
      reasons.push({ reason: `${hostName(address)}: ${reason}`, advice });
      // Then the others decide.
      throw error;
    }
  });
  const all = Promise.allSettled(looks);
  await Promise.any(looks).then(
    () => Promise.race([all, new Promise((resolve) => setTimeout(resolve, OTHERS_MILLISECONDS))]),
    () => all,
  );
  isOver = true;
  found.sort((a, b) => b.timeline - a.timeline);
  for (const { host } of found.slice(1)) host.close();
  const [best] = found;
  if (best !== undefined) return { best };
  // In the same order each time: what was said once is not said again.
  return { best, reasons: inOneText(reasons.toSorted((a, b) => a.reason.localeCompare(b.reason))) };
}
