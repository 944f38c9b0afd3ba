/**
 * Runs the checks of the container test one after the other and prints each with its name and its seconds. A failed
 * check does not end the run, so that one run shows everything that is wrong.
 */

export class CheckList {
  passed = 0;
  failed = 0;

  /**
   * Runs a check and prints how it went.
   * @returns what `work` returned, for later checks, or undefined if it failed.
   */
  async check<Found>(name: string, work: () => Promise<Found>): Promise<Found | undefined> {
    const startedAt = performance.now();
    const seconds = () => `(${((performance.now() - startedAt) / 1000).toFixed(1)} s)`;
    try {
      const found = await work();
      this.passed++;
      console.log(`ok    ${name} ${seconds()}`);
      return found;
    } catch (error) {
      this.failed++;
      const reason = error instanceof Error ? error.message : String(error);
      console.log(`FAIL  ${name} ${seconds()}\n${reason.replaceAll(/^/gm, "      ")}`);
      return undefined;
    }
  }
}

/** The result of an earlier check. @throws {Error} if that check failed, so that this one fails too. */
export function needed<Found>(found: Found | undefined, checkName: string): Found {
  if (found === undefined) throw new Error(`This check needs "${checkName}", which failed`);
  return found;
}
