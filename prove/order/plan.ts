/**
 * What the clients of one history will do, drawn by fast-check. A plan says which requests are sent and which
 * connections break. Which message is edited is chosen only when its turn comes, because no id is known before.
 */
import fc from "fast-check";

export const MAX_CLIENTS = 8;
const MAX_STEPS_EACH = 25;
/** In one of this many histories, the server is killed. */
const HISTORIES_BETWEEN_KILLS = 25;

/**
 * Where a connection breaks: in the middle of the request, right after it, or while the client waits for the reply.
 */
export type Break = "in the request" | "after the request" | "before the reply";

export interface Step {
  kind: "publish" | "publish with a key" | "edit" | "remove" | "fetch a page" | "fetch everything";
  queue: number;
  /** Chooses one of the known messages. */
  pick: number;
  limit: number;
  /** Where the first try breaks, and the second, if there is one. */
  breaks: Break[];
  /** Milliseconds to wait before it. 0: send it as soon as the reply before has come. */
  pause: number;
}

export interface Plan {
  queues: number;
  /** One list for each client. */
  steps: Step[][];
  /** The server is killed after this many operations. */
  killAfter: number | undefined;
}

const breaks: fc.Arbitrary<Break[]> = fc.oneof(
  { weight: 7, arbitrary: fc.constant<Break[]>([]) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom<Break>("in the request", "after the request", "before the reply"), {
      minLength: 1,
      maxLength: 2,
    }),
  },
);

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constant("publish" as const) },
    { weight: 3, arbitrary: fc.constant("publish with a key" as const) },
    { weight: 4, arbitrary: fc.constant("edit" as const) },
    { weight: 3, arbitrary: fc.constant("remove" as const) },
    { weight: 5, arbitrary: fc.constant("fetch a page" as const) },
    { weight: 1, arbitrary: fc.constant("fetch everything" as const) },
  ),
  queue: fc.nat(1),
  pick: fc.nat(1000),
  limit: fc.constantFrom(1, 2, 3, 5, 20, 200),
  breaks,
  pause: fc.constantFrom(0, 0, 0, 0, 0, 1, 2, 4),
});

export const plan: fc.Arbitrary<Plan> = fc.record({
  queues: fc.integer({ min: 1, max: 2 }),
  steps: fc.array(fc.array(step, { minLength: 1, maxLength: MAX_STEPS_EACH, size: "max" }), {
    minLength: 2,
    maxLength: MAX_CLIENTS,
    size: "max",
  }),
  killAfter: fc.oneof(
    { weight: HISTORIES_BETWEEN_KILLS - 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: 5, max: 60 }) },
  ),
});
