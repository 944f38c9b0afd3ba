/**
 * Runs the cases of a stage in their order, and saves time where a case would only wait: the cases after it run
 * meanwhile, and one restart counts for several. Only one case goes on at a time. run-check.ts calls it; without it, a
 * case runs alone and waits. It must never run a case twice or leave one out.
 */
import type { Case } from "./case.ts";
import type { NotRestarted, Restart } from "./exchange/exchange.ts";

/** What a case does where it would wait. */
export interface Turn {
  /** Undefined if nobody can restart the server. */
  restart: Restart | undefined;
  /** Runs the next cases until `isOver`. */
  meanwhile: (isOver: () => boolean) => Promise<void>;
}

export class Turns<Each extends { case: Case }> {
  readonly #left: Each[];
  readonly #restart: Restart | undefined;
  readonly #run: (each: Each, turn: Turn) => Promise<void>;
  readonly #mustStop: () => boolean;
  #restarts: (NotRestarted | undefined)[] = [];

  /** @param mustStop whether no other case should begin. */
  constructor(
    cases: readonly Each[],
    restart: Restart | undefined,
    run: (each: Each, turn: Turn) => Promise<void>,
    mustStop: () => boolean,
  ) {
    this.#left = [...cases];
    this.#restart = restart;
    this.#run = run;
    this.#mustStop = mustStop;
  }

  /** Runs the next case, and those that run in its waiting time. @returns false if no case may begin any more. */
  async next(): Promise<boolean> {
    const each = this.#mustStop() ? undefined : this.#left.shift();
    if (each === undefined) return false;
    const restart = this.#restart;
    await this.#run(each, {
      restart:
        restart &&
        (sharesRestart(each.case)
          ? () => this.#restartWithNext(restart)
          : (whileStopped) => this.#note(restart(whileStopped))),
      meanwhile: async (isOver) => {
        while (!isOver() && (await this.next())) {
          // Each turn is a whole case.
        }
      },
    });
    return true;
  }

  /** Runs the next case if it restarts the server itself: that restart counts for both. */
  async #restartWithNext(restart: Restart): Promise<NotRestarted | undefined> {
    const before = this.#restarts.length;
    const isOver = () => this.#restarts.length > before;
    // A case that fails before its restart leaves it to the one after it.
    while (!isOver() && this.#left[0] !== undefined && restartsOnce(this.#left[0].case) && (await this.next())) {
      // Each turn is a whole case.
    }
    return isOver() ? this.#restarts[before] : this.#note(restart());
  }

  async #note(restarting: ReturnType<Restart>): Promise<NotRestarted | undefined> {
    const problem = await restarting;
    this.#restarts.push(problem);
    return problem;
  }
}

function sharesRestart({ do: actions }: Case): boolean {
  return actions.some((action) => "restart" in action && action.restart === "shared");
}

function restartsOnce({ do: actions }: Case): boolean {
  const isFire = actions.some((action) => "underFire" in action || "tear" in action);
  return !isFire && actions.filter((action) => "restart" in action).length === 1;
}
