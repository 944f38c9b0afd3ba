/**
 * What a 200 promises is on the disk, and with a synchronous standby on two disks. This file knows which settings of
 * PostgreSQL break that promise, and says it in a sentence. database-host.ts asks at each connection to a primary and
 * then once a second, and the doctor asks once. It never changes a setting: they belong to whoever runs the database.
 */
import type { Connection } from "./pool.ts";

/** The settings as a statement reads them. */
export interface DurabilityRow {
  commit_level: string;
  has_standbys: boolean;
  fsync: string;
  page_writes: string;
}

/** A setting that may lose what was acknowledged. */
export interface Risk {
  setting: "synchronous_commit" | "fsync" | "full_page_writes";
  /** Its value, and what can be lost. */
  what: string;
}

/** The columns of a DurabilityRow, for a statement that asks something else, too. */
export function durabilityColumns(sql: Connection) {
  return sql`
    current_setting('synchronous_commit') as commit_level,
    current_setting('synchronous_standby_names') <> '' as has_standbys,
    current_setting('fsync') as fsync,
    current_setting('full_page_writes') as page_writes`;
}

/** What can be lost with these settings, the worst first. */
export function risksOf({ fsync, page_writes, commit_level, has_standbys }: DurabilityRow): Risk[] {
  const risks: Risk[] = [];
  if (fsync === "off") {
    risks.push({ setting: "fsync", what: "fsync is off in the database, so a power cut can damage all of it" });
  }
  if (page_writes === "off") {
    const what = "full_page_writes is off in the database, so a power cut can damage rows that were stored long ago";
    risks.push({ setting: "full_page_writes", what });
  }
  const lost = lostBy(commit_level, has_standbys);
  if (lost !== undefined) {
    const what = `synchronous_commit is ${commit_level} in the database, so ${lost} what was answered with 200`;
    risks.push({ setting: "synchronous_commit", what });
  }
  return risks;
}

/** Without a standby, PostgreSQL waits for its own disk at every level but `off`. */
function lostBy(level: string, hasStandbys: boolean): string | undefined {
  if (level === "off") return "a power cut can lose";
  if (!hasStandbys) return undefined;
  if (level === "local") return "no commit waits for the standby, and if the standby takes over, it may not have";
  if (level === "remote_write") return "the standby may have only in its memory";
  return undefined;
}

/** What to type so that the setting is right. It depends on where somebody has set it. */
export async function remedyFor(sql: Connection, { setting }: Risk): Promise<string> {
  const [row] = await sql<{ source: string; database: string; user: string }[]>`
    select source, quote_ident(current_database()) as database, quote_ident(session_user) as user
    from pg_settings where name = ${setting}`;
  const { source, database, user } = row ?? {};
  if (source === "client") return `take ${setting} out of the address of the database`;
  if (source === "command line") return `start PostgreSQL without ${setting} in its command line`;
  if (source === "database") return `type in psql: alter database ${database} reset ${setting}`;
  if (source === "user") return `type in psql: alter role ${user} reset ${setting}`;
  if (source === "database user") return `type in psql: alter role ${user} in database ${database} reset ${setting}`;
  return `type in psql: alter system set ${setting} = on; select pg_reload_conf()`;
}
