/**
 * The folder of a PostgreSQL without any data. `initdb` takes about a second of processor time, and a run of the tests
 * starts dozens of clusters, so it runs once for each version. Its folder stays next to the packages, and each cluster
 * gets a copy. testing/database.ts calls this. It must never give away the folder that stays.
 */
import { execFile } from "node:child_process";
import { chownSync, existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, "..", "node_modules", ".cache");
/** Where the name of the folder that stays has its version, a change here needs another name. */
const INITDB = ["-A", "trust", "-U", "plainchat", "-E", "UTF8", "--locale=C", "--no-sync"];

/** Who owns the files of a cluster, if not the user who runs the tests. */
export interface Owner {
  uid?: number;
  gid?: number;
}

/** @param folder is empty and belongs to the owner. @param programs where PostgreSQL's programs are. */
export async function fillCluster(folder: string, programs: string, owner: Owner): Promise<void> {
  const { stdout } = await run(join(programs, "postgres"), ["--version"]);
  const kept = join(CACHE, `cluster-${/[\d.]+/.exec(stdout)?.[0] ?? "unknown"}`);
  if (!existsSync(kept)) await keep(kept, programs, owner);
  // Node's own cp() takes more processor time than initdb.
  await run("cp", ["-R", `${kept}/.`, folder]);
  if (owner.uid !== undefined) await run("chown", ["-R", `${owner.uid}:${owner.gid}`, folder]);
}

/** Several test files may do this at the same time, so the folder gets its name only when it is complete. */
async function keep(kept: string, programs: string, owner: Owner): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  // The owner may not be allowed into the folder of the packages.
  const made = await mkdtemp(join(tmpdir(), "plainchat-cluster-"));
  const incomplete = await mkdtemp(join(CACHE, "cluster-"));
  try {
    if (owner.uid !== undefined && owner.gid !== undefined) chownSync(made, owner.uid, owner.gid);
    await run(join(programs, "initdb"), ["-D", made, ...INITDB], { ...owner, cwd: made });
    await run("cp", ["-R", `${made}/.`, incomplete]);
    await rename(incomplete, kept);
  } catch (error) {
    await rm(incomplete, { recursive: true, force: true });
    // Another test file was faster.
    if (!existsSync(kept)) throw error;
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}
