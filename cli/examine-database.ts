/**
 * What the doctor looks at if the data are in a database: whether it can be reached and fits, whether it keeps what it
 * has acknowledged, how large it is, its replicas, and whether notifications come through. examine-rows.ts looks at the
 * data. Nothing is changed.
 */
import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { TERMINAL_NAME } from "../server/store/move/open-tables.ts";
import { withoutPassword } from "../server/store/postgres/connection/database-address.ts";
import { DatabaseProblem } from "../server/store/postgres/connection/database-problem.ts";
import {
  type DurabilityRow,
  durabilityColumns,
  remedyFor,
  risksOf,
} from "../server/store/postgres/connection/durability.ts";
import { mustFit } from "../server/store/postgres/connection/must-fit.ts";
import { type Connection, SERVER_NAME } from "../server/store/postgres/connection/pool.ts";
import { connectFromTerminal } from "../server/store/postgres/connection/terminal-connection.ts";
import { whyUnusable } from "../server/store/postgres/connection/why-unusable.ts";
import { knownMigrations, mustBeOurs, ranMigrations } from "../server/store/postgres/migrate.ts";
import { sentenceIn } from "./cli-error.ts";
import { count } from "./context.ts";
import { examineArchives } from "./examine-archives.ts";
import { examineReplicas } from "./examine-replicas.ts";
import { examineRows } from "./examine-rows.ts";
import type { Finding } from "./finding.ts";

const MEBIBYTE = 1024 * 1024;
/** How long a notification may take. It usually takes a millisecond. */
const NOTIFICATION_MILLISECONDS = 2000;
/** What one server takes: ten for its questions, one that listens, and one that proves that the database can commit. */
const CONNECTIONS_OF_A_SERVER = 12;

export async function examineDatabase(address: string): Promise<Finding[]> {
  const where = withoutPassword(address);
  let sql: Connection;
  try {
    sql = await connectFromTerminal(address, TERMINAL_NAME);
  } catch (error) {
    const { reason, advice } = whyUnusable(error);
    return [{ verdict: "bad", what: `The database ${where} cannot be used: ${reason}`, advice }];
  }
  try {
    const findings = [await examineAnswer(sql, where), ...(await examineSettings(sql))];
    const tables = await examineTables(sql);
    findings.push(tables.finding, ...(await examineSize(sql)), ...(await examineServers(sql)));
    findings.push(...(await examineReplicas(sql)), await examineNotifications(sql));
    if (tables.areCurrent) findings.push(...(await examineRows(sql)), ...(await examineArchives(sql)));
    return findings;
  } catch (error) {
    const { reason, advice } = whyUnusable(error);
    return [{ verdict: "bad", what: `The database cannot be examined: ${reason}`, advice }];
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function examineAnswer(sql: Connection, where: string): Promise<Finding> {
  const began = performance.now();
  const [row] = await sql<{ version: string }[]>`select split_part(version(), ' ', 2) as version`;
  const milliseconds = (performance.now() - began).toFixed(1);
  return { verdict: "good", what: `PostgreSQL ${row?.version} answers at ${where} in ${milliseconds} ms` };
}

/** Whether everything that was acknowledged outlives a power cut. A server that starts says the same sentences. */
async function examineSettings(sql: Connection): Promise<Finding[]> {
  const findings: Finding[] = [];
  try {
    await mustFit(sql);
  } catch (error) {
    if (!(error instanceof DatabaseProblem)) throw error;
    findings.push({ verdict: "bad", what: withCapital(sentenceIn(error)), advice: "No server starts on it." });
  }
  const [row] = await sql<(DurabilityRow & { read_only: string })[]>`
    select ${durabilityColumns(sql)}, current_setting('default_transaction_read_only') as read_only`;
  if (row?.read_only === "on") {
    findings.push({
      verdict: "bad",
      what: "The database takes no changes: default_transaction_read_only is on",
      advice: "alter database NAME reset default_transaction_read_only",
    });
  }
  for (const risk of row === undefined ? [] : risksOf(row)) {
    const advice = `${withCapital(await remedyFor(sql, risk))}. Until then, servers start only with --not-durable.`;
    findings.push({ verdict: "bad", what: risk.what, advice });
  }
  if (findings.length > 0) return findings;
  const what = "What is committed outlives a power cut (fsync, full_page_writes, synchronous_commit)";
  return [{ verdict: "good", what }];
}

function withCapital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

async function examineTables(sql: Connection): Promise<{ finding: Finding; areCurrent: boolean }> {
  try {
    await mustBeOurs(sql);
    const [row] = await sql<{ is_there: boolean; may_create: boolean }[]>`
      select to_regclass('migrations') is not null as is_there,
             has_schema_privilege(current_schema(), 'create') as may_create`;
    if (row?.is_there !== true) return { finding: withoutTables(row?.may_create === true), areCurrent: false };
    const ran = await ranMigrations(sql);
    const missing = knownMigrations().filter(({ number }) => !ran.has(number)).length;
    if (missing === 0) return { finding: { verdict: "good", what: "The tables fit this version" }, areCurrent: true };
    const what = `The tables are older than this version (${count(missing, "migration")} missing)`;
    return {
      finding: { verdict: "note", what, advice: "The next start brings them up to date. Make a backup first." },
      areCurrent: false,
    };
  } catch (error) {
    if (!(error instanceof DatabaseProblem)) throw error;
    const { advice } = error;
    const finding: Finding = { verdict: "bad", what: `It does not fit: ${sentenceIn(error)}` };
    return { finding: advice === "" ? finding : { ...finding, advice }, areCurrent: false };
  }
}

function withoutTables(mayCreate: boolean): Finding {
  if (mayCreate) return { verdict: "good", what: "There is no data yet; the first start creates the tables" };
  return {
    verdict: "bad",
    what: "There is no data yet, and this user may not create tables",
    advice: "Make this user the owner: alter database NAME owner to USER",
  };
}

async function examineSize(sql: Connection): Promise<Finding[]> {
  const [row] = await sql<{ bytes: number }[]>`select pg_database_size(current_database()) as bytes`;
  const findings: Finding[] = [
    {
      verdict: "good",
      what: `The database takes ${((row?.bytes ?? 0) / MEBIBYTE).toFixed(0)} MiB. Only the computer that it is on knows how much room is left there (df)`,
    },
  ];
  const old = await sql<{ name: string }[]>`
    select nspname as name from pg_namespace where nspname like 'before_restore_%' order by 1`;
  for (const { name } of old) {
    const advice = `Look at it, then remove it: drop schema ${name} cascade`;
    findings.push({ verdict: "note", what: `The data from before a restore is still in the schema ${name}`, advice });
  }
  return findings;
}

async function examineServers(sql: Connection): Promise<Finding[]> {
  const [row] = await sql<{ used: number; all: number; reserved: number; servers: number }[]>`
    select (select count(*) from pg_stat_activity where backend_type = 'client backend') as used,
           current_setting('max_connections')::integer as all,
           current_setting('superuser_reserved_connections')::integer as reserved,
           (select count(*) from pg_stat_activity
            where datname = current_database() and application_name = ${SERVER_NAME}) as servers`;
  if (row === undefined) return [];
  const { used, all, reserved, servers } = row;
  const free = all - reserved - used;
  const who = servers === 0 ? "No server is" : `Servers are (with ${count(servers, "connection")})`;
  const what = `${who} using this database. ${free} of its ${all} connections are free`;
  if (free >= CONNECTIONS_OF_A_SERVER) return [{ verdict: "good", what }];
  const advice = `A server takes up to ${CONNECTIONS_OF_A_SERVER}. Raise max_connections in postgresql.conf, or put PgBouncer in front.`;
  return [{ verdict: "note", what, advice }];
}

/** Whether a notification that is sent through this address arrives through this address. */
async function examineNotifications(sql: Connection): Promise<Finding> {
  const channel = `plainchat_doctor_${randomBytes(8).toString("hex")}`;
  let hear: (text: "heard") => void = () => {};
  const heard = new Promise<"heard">((resolve) => {
    hear = resolve;
  });
  const { unlisten } = await sql.listen(channel, () => hear("heard"));
  // A notification is a commit, too, and would wait for a synchronous replica that is not there.
  await sql.begin((transaction) => [
    transaction`set local synchronous_commit = local`,
    transaction`select pg_notify(${channel}, '')`,
  ]);
  const first = await Promise.race([heard, setTimeout(NOTIFICATION_MILLISECONDS, "silence", { ref: false })]);
  await unlisten();
  if (first === "heard") return { verdict: "good", what: "Notifications (LISTEN) come through" };
  return {
    verdict: "note",
    what: "No notifications (LISTEN) come through this address, probably because of a pooler in front of PostgreSQL",
    advice:
      "Servers then look for events twenty times a second. Connect them to PostgreSQL itself, or let the pooler keep sessions (pool_mode = session). With pool_mode = transaction, their address needs ?prepare=false.",
  };
}
