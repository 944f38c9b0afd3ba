/**
 * Two servers on one database and a splitter in front of them, as one program: the check starts it, kills it and starts
 * it again, and sends each request to the next server.
 *
 *     node prove/database/two-servers.ts postgres://… PORT
 */
import { OPEN_FOR_EACH } from "../../server/live/live.ts";
import { startServers } from "./cluster.ts";
import { startSplitter } from "./splitter.ts";

const [address = "", port] = process.argv.slice(2);
const untilKilled = { after() {} };
// How many streams a user may have open is counted by each server for itself. Together they allow what one does.
const halfOfLimit = { PLAINCHAT_OPEN_FOR_EACH: String(OPEN_FOR_EACH / 2) };
const servers = await startServers(untilKilled, address, 2, halfOfLimit);
await startSplitter(
  untilKilled,
  servers.map(({ origin }) => origin),
  Number(port),
);
