/**
 * Turns the real server into one with exactly one bug. Load it before the server: it changes the source code when Node
 * loads it. It copies and writes no files.
 *
 *     PLAINCHAT_BROKEN=forgets-to-hash node --import ./check/broken/break.ts server/main.ts
 *
 * A plain name means a bug in check/broken, `prove/mutants/<name>` a bug in that folder.
 */
import { registerHooks } from "node:module";
import { basename, dirname, join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { changed, readBrokenServers } from "./broken-server.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");

const wanted = process.env.PLAINCHAT_BROKEN ?? "";
const folder = wanted.includes("/") ? join(REPOSITORY, dirname(wanted)) : import.meta.dirname;
const server = readBrokenServers(folder).find(({ name }) => name === basename(wanted));
if (server === undefined) {
  const place = relative(REPOSITORY, folder).replaceAll(sep, "/");
  // No stack: the person who typed the name can correct it.
  console.error(`There is no broken server "${wanted}". Set PLAINCHAT_BROKEN to a "name" in ${place}/*.json`);
  process.exit(1);
}

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const changes = server.changes.filter(({ file }) => pathToFileURL(join(REPOSITORY, file)).href === url);
    if (changes.length === 0) return loaded;
    return { ...loaded, source: changes.reduce(changed, String(loaded.source)) };
  },
});
