/**
 * Makes a server with exactly one bug out of the real one. Loaded before it, this puts the change of check/broken/<name>.json
 * into the source at the moment that Node reads it; nothing is copied, and nothing is written.
 *
 *     PLAINCHAT_BROKEN=forgets-to-hash node --import ./check/broken/break.ts server/main.ts
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { type BrokenServer, changed } from "./broken-server.ts";

const name = process.env.PLAINCHAT_BROKEN ?? "";
const { changes } = JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), "utf8")) as BrokenServer;
const repository = new URL("../../", import.meta.url);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const wanted = changes.filter(({ file }) => new URL(file, repository).href === url);
    if (wanted.length === 0) return loaded;
    return { ...loaded, source: wanted.reduce(changed, String(loaded.source)) };
  },
});
