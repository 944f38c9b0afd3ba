/**
 * The checks of the container test, as they pass or fail one after the other, each with its name and its seconds.
 * A check that fails does not end the run, so that one run tells everything that is wrong.
 */

export class CheckList {
  passed = 0;
  failed = 0;

  /** Does a check and prints how it went. What `work` found is returned for later checks, undefined when it failed. */
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

/** What an earlier check found. @throws {Error} when that check failed, so that this one fails as well. */
export function needed<Found>(found: Found | undefined, checkName: string): Found {
  if (found === undefined) throw new Error(`This needs "${checkName}", which failed`);
  return found;
}
