/**
 * What is to be done when a test has ended, the last thing first: a server is stopped before the folder is removed that
 * it writes to. (`test.after` alone runs what was registered first, first.)
 */

/** A test, or a proof: whatever can be told what to do when it has ended. */
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
