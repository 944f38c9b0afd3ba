/**
 * A connection for a command at the terminal, which asks for a while and then ends. It has no limit for a statement: a
 * command may move a million messages. A server's connections are in pool.ts.
 */
import postgres from "postgres";
import { BIGINT, type Connection } from "./pool.ts";

/** What PostgreSQL shows as our name. It must not be that of a server. */
export const TERMINAL_NAME = "plainchat at the terminal";
const CONNECTIONS = 2;
const CONNECT_SECONDS = 5;

/** @param address with several hosts, the first one that takes changes. */
export function connectTerminal(address: string): Connection {
  return postgres(address, {
    max: CONNECTIONS,
    connect_timeout: CONNECT_SECONDS,
    types: { bigint: BIGINT },
    target_session_attrs: "read-write",
    connection: { application_name: TERMINAL_NAME },
    onnotice: () => {},
  });
}
