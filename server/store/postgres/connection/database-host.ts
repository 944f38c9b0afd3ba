/**
 * One host of the database's address: asks it whether it is the primary. A host is the primary if it can commit. With a
 * synchronous standby that proves more than any setting: a commit returns only when the standby has it on its disk, and
 * a standby that was promoted takes nothing from its old primary any more. Of a host whose settings may lose what it has
 * committed, the proof is worth nothing, so each one looks at them, too.
 */
import { DatabaseProblem } from "./database-problem.ts";
import { type DurabilityRow, durabilityColumns, type Risk, remedyFor, risksOf } from "./durability.ts";
import { Pool } from "./pool.ts";

/** Only for these questions: they must not wait behind others. */
const NAME = "plainchat heartbeat";
const STATEMENT_MILLISECONDS = 5000;

/** What a host has proved. */
export interface Proof {
  /** Each promotion begins a new one, with a greater number. */
  timeline: number;
  /** What may be lost. Empty if it must be durable. */
  risks: Risk[];
}

export class DatabaseHost {
  /** Its address, with one host. */
  readonly address: string;
  readonly #pool: Pool;
  readonly #mustBeDurable: boolean;

  /** @param mustBeDurable whether settings that may lose something are refused. */
  constructor(address: string, mustBeDurable: boolean) {
    this.address = address;
    this.#mustBeDurable = mustBeDurable;
    this.#pool = new Pool(address, { max: 1, name: NAME, statementMilliseconds: STATEMENT_MILLISECONDS });
  }

  /**
   * Looks before it commits: a commit that nobody confirms keeps its connection to PostgreSQL until somebody does, so
   * trying again and again would use up all of them.
   * @throws {DatabaseProblem} if it is not the primary, or may lose what it commits.
   */
  async examine(seenTimeline: number): Promise<Proof> {
    const [state] = await this.#pool.sql<{ is_standby: boolean; timeline: number; is_stuck: boolean }[]>`
      select pg_is_in_recovery() as is_standby,
             case when pg_is_in_recovery() then 0
                  else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint end as timeline,
             exists (
               select from pg_stat_activity
               where application_name = ${NAME} and wait_event = 'SyncRep'
                 and query_start < clock_timestamp() - interval '2 seconds'
             ) as is_stuck`;
    if (state === undefined || state.is_standby) {
      throw new DatabaseProblem("it is a standby", "Add the host of the primary to the address, or promote this one.");
    }
    refuseOlder(state.timeline, seenTimeline);
    if (state.is_stuck) {
      throw new DatabaseProblem(
        "it cannot commit: it waits for its synchronous standby",
        `Start the standby. docs/guides/deploy.md says what to do if it is lost ("When the primary dies").`,
      );
    }
    return this.commit(seenTimeline);
  }

  /**
   * Commits something, and returns when that counts. It is a message for nobody in the database's log, so that no table
   * grows. This connection has the settings that the operator has chosen, also when they have changed a moment ago.
   */
  async commit(seenTimeline: number): Promise<Proof> {
    const { sql } = this.#pool;
    const before = this.#pool.unconfirmed;
    const [row] = await sql<(DurabilityRow & { timeline: number })[]>`
      select ('x' || left(pg_walfile_name(pg_logical_emit_message(true, 'plainchat', '')), 8))::bit(32)::bigint
             as timeline, ${durabilityColumns(sql)}`;
    if (row === undefined || this.#pool.unconfirmed > before) {
      throw new DatabaseProblem("it has committed something that its synchronous standby does not have");
    }
    refuseOlder(row.timeline, seenTimeline);
    const risks = risksOf(row);
    const [worst] = risks;
    if (worst !== undefined && this.#mustBeDurable) {
      throw new DatabaseProblem(
        `${worst.what}. To change that, ${await remedyFor(sql, worst)}. Or start with --not-durable`,
      );
    }
    return { timeline: row.timeline, risks };
  }

  close(): void {
    this.#pool.drop();
  }
}

function refuseOlder(timeline: number, seenTimeline: number): void {
  if (timeline >= seenTimeline) return;
  throw new DatabaseProblem(
    `it is an old primary (timeline ${timeline}; there is a newer one with timeline ${seenTimeline}). Make it a standby of the new one, or, if you have restored a backup there, restart plainchat`,
  );
}
