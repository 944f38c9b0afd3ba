/**
 * Loaded into the server under test, and only there. When its parent asks, it collects all garbage and tells how much
 * memory is left in use. limited-server.ts starts the server with it.
 */
declare const gc: () => void;

export interface MemoryInUse {
  /** In MiB: JavaScript's objects, and what lies outside of them, such as bodies and replies. */
  live: number;
}

process.on("message", () => {
  // What a first collection frees may have kept something else.
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ live: Math.round((heapUsed + external) / 1024 / 1024) } satisfies MemoryInUse);
});
// It must not keep the server from ending.
process.channel?.unref();
