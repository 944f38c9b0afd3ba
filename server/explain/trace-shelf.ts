/**
 * Keeps a limited number of traces, and shares the room fairly. When it is full, the user with the most traces loses
 * one, and of these the kind of call that is there most often: its oldest. So a loop pushes out only its own traces,
 * and a program that asks for messages again and again does not push out the message that the same user sent.
 */

/** What is known about a trace besides its text. */
interface TraceOwner {
  /** Whose room it takes: a user, or an address if nobody has proved who they are. */
  owner: string;
  /** The call, such as "chat.post". */
  operation: string;
}

interface Kept<Value> extends TraceOwner {
  value: Value;
}

export class TraceShelf<Value> {
  readonly #room: number;
  /** By id, the oldest first. */
  readonly #traces = new Map<string, Kept<Value>>();

  /** @param room how many traces it keeps. */
  constructor(room: number) {
    this.#room = room;
  }

  get(id: string): Value | undefined {
    return this.#traces.get(id)?.value;
  }

  keep(id: string, value: Value, { owner, operation }: TraceOwner): void {
    this.#traces.set(id, { value, owner, operation });
    if (this.#traces.size > this.#room) this.#dropOne();
  }

  #dropOne(): void {
    const owner = mostFrequent(this.#traces.values(), (kept) => kept.owner);
    const theirs = [...this.#traces].filter(([, kept]) => kept.owner === owner);
    const operation = mostFrequent(
      theirs.map(([, kept]) => kept),
      (kept) => kept.operation,
    );
    const [oldest] = theirs.find(([, kept]) => kept.operation === operation) ?? [];
    if (oldest !== undefined) this.#traces.delete(oldest);
  }
}

/** If two are there equally often, the one whose trace is older. */
function mostFrequent(traces: Iterable<TraceOwner>, nameOf: (kept: TraceOwner) => string): string | undefined {
  const counts = new Map<string, number>();
  for (const kept of traces) counts.set(nameOf(kept), (counts.get(nameOf(kept)) ?? 0) + 1);
  let most: [name: string, count: number] | undefined;
  for (const entry of counts) if (most === undefined || entry[1] > most[1]) most = entry;
  return most?.[0];
}
