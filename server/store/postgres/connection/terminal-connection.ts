/**
 * A connection for a command at the terminal, such as move, backup or doctor. With several hosts in the address, it
 * goes to the one that a server would choose. It ends with an error if it is lost: nothing is tried again.
 */
import postgres from "postgres";
import { chooseHost } from "./choose-host.ts";
import { hostsOf, ofIpv6 } from "./database-address.ts";
import { DatabaseProblem } from "./database-problem.ts";
import { BIGINT, CONNECT_SECONDS, type Connection, TIME } from "./pool.ts";

/**
 * @param name for pg_stat_activity.
 * @throws {DatabaseProblem} if no host is the primary. Other errors are those of the driver.
 */
export async function connectFromTerminal(address: string, name: string): Promise<Connection> {
  const host = await oneHostOf(address);
  const sql = postgres(host, {
    max: 2,
    connect_timeout: CONNECT_SECONDS,
    types: { bigint: BIGINT, time: TIME },
    ...(ofIpv6(host) as object),
    connection: { application_name: name },
    onnotice: () => {},
  });
  try {
    const [row] = await sql<{ is_standby: boolean }[]>`select pg_is_in_recovery() as is_standby`;
    if (row?.is_standby !== false) throw new DatabaseProblem("it is a standby. Use the address of the primary");
    return sql;
  } catch (error) {
    await sql.end({ timeout: 5 });
    throw error;
  }
}

/** The address with one host: the only one, or the primary. */
async function oneHostOf(address: string): Promise<string> {
  const addresses = hostsOf(address);
  if (addresses.length === 1) return addresses[0] ?? address;
  const chosen = await chooseHost(addresses, { seenTimeline: 0, mustBeDurable: false });
  if (chosen.best === undefined) throw new DatabaseProblem(`no host takes changes. ${chosen.reasons}`);
  chosen.best.host.close();
  return chosen.best.host.address;
}
