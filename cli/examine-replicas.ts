/**
 * What the doctor says about the copies of a database on other computers: who they are, whether a commit waits for one
 * of them, and how far they are behind.
 */
import type { Connection } from "../server/store/postgres/connection/database.ts";
import type { Finding } from "./finding.ts";

const MEBIBYTE = 1024 * 1024;
/** A replica that is this far behind was away, or cannot follow. */
const FAR_BEHIND_BYTES = 16 * MEBIBYTE;

interface ReplicaRow {
  name: string;
  /** Null if this user may not see it. */
  state: string | null;
  sync_state: string | null;
  /** In bytes. */
  behind: number | null;
}

export async function examineReplicas(sql: Connection): Promise<Finding[]> {
  const [setting] = await sql<{ wanted: string; level: string }[]>`
    select current_setting('synchronous_standby_names') as wanted, current_setting('synchronous_commit') as level`;
  const replicas = await sql<ReplicaRow[]>`
    select application_name as name, state, sync_state,
           pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(replay_lsn, flush_lsn))::bigint as behind
    from pg_stat_replication order by application_name`;
  const isWaiting = setting?.wanted !== "" && setting?.level !== "local";
  const isCopied = replicas.some(({ sync_state }) => sync_state === "sync" || sync_state === "quorum");
  const findings = replicas.map(examineReplica);
  // Without the right to see more, nothing is known, and nothing may be claimed.
  if (replicas.some(({ state }) => state === null)) return findings;
  if (isWaiting && !isCopied) {
    findings.push({
      verdict: "bad",
      what: "No synchronous replica is connected, and every message waits for one (synchronous_standby_names)",
      advice:
        "Was the replica promoted? Then this is the old primary: make it a standby of the new one. Otherwise start the replica. If it is lost: alter system set synchronous_standby_names = ''; select pg_reload_conf(). Then there is only one copy.",
    });
  } else if (!isCopied) {
    findings.push({
      verdict: "note",
      what:
        replicas.length === 0
          ? "There is no replica: if the disk dies, everything since the last backup is lost"
          : "No replica is synchronous: if this computer dies, the last messages are lost, though they were acknowledged",
      advice: "docs/guides/database.md says how to get a synchronous replica.",
    });
  }
  return findings;
}

function examineReplica({ name, state, sync_state, behind }: ReplicaRow): Finding {
  if (state === null) {
    return {
      verdict: "note",
      what: `The replica ${name} is connected. This user may not see how far it is behind`,
      advice: "To see it: grant pg_monitor to this user.",
    };
  }
  const what = `The replica ${name} (${sync_state}, ${state}) is ${((behind ?? 0) / MEBIBYTE).toFixed(1)} MiB behind`;
  if (state === "streaming" && (behind ?? 0) < FAR_BEHIND_BYTES) return { verdict: "good", what };
  return { verdict: "note", what, advice: "Is it catching up? Run doctor again, and look at its log and its network." };
}
