/**
 * What the clients of one history are going to do, as fast-check draws it. A plan says what is asked and which connections
 * break; which message is edited is decided when its turn comes, for no id is known before.
 */
import fc from "fast-check";

export const MAX_CLIENTS = 8;
const MAX_STEPS_EACH = 25;
/** Of so many histories, one is interrupted by the server's death. */
const HISTORIES_BETWEEN_KILLS = 25;

/** Where a connection breaks: the request is cut in two, or it is sent whole and nobody waits, or not for the whole reply. */
export type Break = "in the request" | "behind the request" | "before the reply";

export interface Step {
  kind: "publish" | "publish with a key" | "edit" | "remove" | "fetch a page" | "fetch everything";
  queue: number;
  /** Chooses a message among those that are known. */
  pick: number;
  limit: number;
  /** The first try breaks at the first of these, the second, where there is one, at the second. */
  breaks: Break[];
  /** Milliseconds before it; at 0 it comes as soon as the reply before. */
  pause: number;
}

export interface Plan {
  queues: number;
  /** One list for each client. */
  steps: Step[][];
  /** The server is killed after so many operations. */
  killAfter: number | undefined;
}

const breaks: fc.Arbitrary<Break[]> = fc.oneof(
  { weight: 7, arbitrary: fc.constant<Break[]>([]) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom<Break>("in the request", "behind the request", "before the reply"), {
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
