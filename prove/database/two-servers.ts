/**
 * Two servers on one database and a splitter in front of them, as one program: the check starts it, kills it and starts
 * it again, and sends each request to the next server.
 *
 *     node prove/database/two-servers.ts postgres://… PORT
 */
import { startServers } from "./cluster.ts";
import { startSplitter } from "./splitter.ts";

const [address = "", port] = process.argv.slice(2);
const untilKilled = { after() {} };
const servers = await startServers(untilKilled, address, 2);
await startSplitter(
  untilKilled,
  servers.map(({ origin }) => origin),
  Number(port),
);
