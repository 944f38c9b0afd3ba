/**
 * What is to be done when a test has ended, the last thing first: a server is stopped before the folder is removed that
 * it writes to. (`test.after` alone runs what was registered first, first.)
 */
import type { TestContext } from "node:test";

const stacks = new WeakMap<TestContext, AsyncDisposableStack>();

export function atEnd(test: TestContext, work: () => unknown): void {
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
