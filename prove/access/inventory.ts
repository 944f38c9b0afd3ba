/**
 * Compares the server's addresses with the table. A call or address that somebody adds must get a row, and every row
 * must be one that the proof can try.
 */
import { pino } from "pino";
import { createApp } from "../../server/http/app.ts";
import { Live } from "../../server/live/live.ts";
import { ROUTES } from "../../server/operations/routes.ts";
import type { RunningApp } from "../../testing/start-app.ts";
import { ACTIONS } from "./actions.ts";
import { nameOf, type Row } from "./table.ts";

/** Both get the same reply as GET, and are tried together with it. */
const AS_GET = ["HEAD", "QUERY"];

/** @returns what is missing, one sentence each. */
export async function whatIsMissing(rows: Row[], { store }: RunningApp): Promise<string[]> {
  const missing: string[] = [];
  const inTable = new Set(rows.map(({ method, path }) => anyName(`${method} ${path}`)));
  // The same server once more. It never listens; we only ask it for its addresses.
  const app = await createApp({ store, live: new Live(), log: pino({ level: "silent" }) });
  const addresses = addressesOf(app.printRoutes());
  await app.close();
  for (const { method, path } of ROUTES) {
    const call = `${method} ${path}`;
    if (!addresses.includes(call)) missing.push(`${call} is missing from the addresses found`);
    if (!inTable.has(anyName(call))) missing.push(`${call} has no row in docs/access.md`);
  }
  for (const address of addresses) {
    if (!inTable.has(anyName(address))) missing.push(`${address} has no row in docs/access.md`);
  }
  const names = rows.map(nameOf);
  for (const name of Object.keys(ACTIONS)) {
    if (!names.includes(name)) missing.push(`docs/access.md no longer has the row "${name}"`);
  }
  for (const name of names) {
    if (names.indexOf(name) !== names.lastIndexOf(name)) missing.push(`docs/access.md has the row "${name}" twice`);
  }
  for (const row of rows) {
    const isCall = ROUTES.some(({ method, path }) => method === row.method && path === row.path);
    if (isCall && ACTIONS[nameOf(row)] === undefined)
      missing.push(`prove/access/actions.ts does not say how to try the row "${nameOf(row)}"`);
  }
  return [...new Set(missing)];
}

/**
 * Reads Fastify's drawing of its routes. It is a tree: each line has one part of a path, and after it the methods that
 * the path takes.
 */
function addressesOf(drawing: string): string[] {
  const addresses: string[] = [];
  const parts: string[] = [];
  for (const line of drawing.split("\n")) {
    const [, indent = "", part = "", methods] = /^(.*?)[└├]── (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
    if (part === "") continue;
    const depth = indent.length / 4;
    parts.splice(depth, parts.length, part);
    for (const method of methods?.split(", ") ?? []) {
      if (!AS_GET.includes(method)) addresses.push(`${method} ${parts.join("")}`);
    }
  }
  return addresses;
}

/** The router and the document use different names for the variable part of a path. */
function anyName(address: string): string {
  return address.replace(/:\w+|\*|\{\w+\}/g, "{}");
}
