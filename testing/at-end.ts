/**
 * Runs work when a test has ended, the last registered first. A server must stop before the folder that it writes to is
 * removed, and `test.after` alone runs the first registered first.
 */

/** A test, or a proof: anything that can run work at its end. */
export interface Ending {
  after(work: () => Promise<void>): void;
}

const stacks = new WeakMap<Ending, AsyncDisposableStack>();

export function atEnd(test: Ending, work: () => unknown): void {
  let stack = stacks.get(test);
  if (stack === undefined) {
    const created = new AsyncDisposableStack();
    test.after(() => created.disposeAsync());
    stacks.set(test, created);
    stack = created;
  }
  stack.defer(async () => {
    await work();
  });
}
