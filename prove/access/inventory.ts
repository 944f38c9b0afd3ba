/**
 * What the server has, against what the table has: a call or an address that somebody adds must get a row, and a row
 * that nobody knows how to try must not stand there untried.
 */
import { pino } from "pino";
import { createApp } from "../../server/http/app.ts";
import { Live } from "../../server/live/live.ts";
import { ROUTES } from "../../server/operations/routes.ts";
import type { RunningApp } from "../../testing/start-app.ts";
import { ACTIONS } from "./actions.ts";
import { nameOf, type Row } from "./table.ts";

/** Both are answered as GET is, and are tried where it is. */
const AS_GET = ["HEAD", "QUERY"];

/** @returns what is missing, one sentence each. */
export async function whatIsMissing(rows: Row[], { store }: RunningApp): Promise<string[]> {
  const missing: string[] = [];
  const inTable = new Set(rows.map(({ method, path }) => anyName(`${method} ${path}`)));
  // The same server once more, which nobody can reach: it is only asked for its addresses.
  const app = await createApp({ store, live: new Live(), log: pino({ level: "silent" }) });
  const addresses = addressesOf(app.printRoutes());
  await app.close();
  for (const { method, path } of ROUTES) {
    const call = `${method} ${path}`;
    if (!addresses.includes(call)) missing.push(`${call} is not among the addresses that were found`);
    if (!inTable.has(anyName(call))) missing.push(`${call} has no row in docs/access.md`);
  }
  for (const address of addresses) {
    if (!inTable.has(anyName(address))) missing.push(`${address} has no row in docs/access.md`);
  }
  const names = rows.map(nameOf);
  for (const name of Object.keys(ACTIONS)) {
    if (!names.includes(name)) missing.push(`docs/access.md has no row "${name}" any more`);
  }
  for (const name of names) {
    if (names.indexOf(name) !== names.lastIndexOf(name)) missing.push(`docs/access.md has the row "${name}" twice`);
  }
  for (const row of rows) {
    const isCall = ROUTES.some(({ method, path }) => method === row.method && path === row.path);
    if (isCall && ACTIONS[nameOf(row)] === undefined) missing.push(`Nobody knows how to try the row "${nameOf(row)}"`);
  }
  return [...new Set(missing)];
}

/**
 * Reads Fastify's drawing of its routes: a tree in which each line has a part of a path, and behind it the methods that
 * are taken there.
 */
export function addressesOf(drawing: string): string[] {
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

/** The router and the document call a part that can be anything by different names. */
function anyName(address: string): string {
  return address.replace(/:\w+|\*|\{\w+\}/g, "{}");
}
