/**
 * Puts a class away and opens another one, and cuts the power at every system call that changes a name or makes it
 * durable. The next start must go on where the cut was: afterwards both classes are where they belong, with all their
 * files.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { TeacherClient } from "../../client/teacher-client.ts";
import { openStore } from "../../server/store/open-store.ts";
import type { Ending } from "../../testing/at-end.ts";
import { startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { LoopFileSystem } from "../file-system.ts";
import { CLASS_MODE } from "../load/decisions.ts";
import type { Proof } from "../proof.ts";
import { requireStrace } from "../system-calls/attach.ts";

const MOVE = new URL("move.ts", import.meta.url).pathname;
const MEGABYTES = 48;
const MAX_FILE_BYTES = 64 * 1024;
/** Each with all the names that it has on different processors. */
const CALLS = ["?rename,?renameat,renameat2", "?link,linkat", "?unlink,unlinkat,?rmdir", "?mkdir,mkdirat", "fsync"];
/** One thread for files, so that the calls come in the same order every time. */
const ENVIRONMENT = {
  env: { ...process.env, UV_THREADPOOL_SIZE: "1", NODE_COMPILE_CACHE: "" },
  encoding: "utf8",
} as const;
const QUICK_CUTS = 8;

export const classEnd: Proof = {
  name: "class-end",
  promise: "wherever the power is cut while a class is put away and another one opened, both are whole afterwards",
  async prove({ size, ending, log }) {
    requireStrace();
    const disk = await LoopFileSystem.make(ending, "ext4", MEGABYTES);
    const template = await makeTemplate(ending);
    const root = join(disk.folder, "data");
    await begin(root, template);
    assert.equal(move(root), "done");
    const expected = await filesIn(root);
    assert.ok(!expected.has("archive/next.json") && expected.size > 20);

    const places = [];
    for (const call of CALLS) {
      await begin(root, template);
      const count = countOf(root, call);
      places.push(...Array.from({ length: count }, (_, i) => ({ call, occurrence: i + 1 })));
    }
    const step = size === "quick" ? Math.ceil(places.length / QUICK_CUTS) : 1;
    let cuts = 0;
    for (const place of places.filter((_, i) => i % step === 0)) {
      await begin(root, template);
      assert.equal(move(root, place), "killed");
      disk.cutThePower();
      disk.unmount();
      disk.mount();
      assert.equal(move(root), "done");
      assert.deepEqual(await filesIn(root), expected, `${place.call} ${place.occurrence}`);
      cuts++;
    }
    log(`${places.length} places`);
    return `${cuts} cuts at ${places.length} places, ${expected.size} files, 0 lost, 0 in the wrong class`;
  },
};

/** A folder with a class and an archive, in which it is decided that they change places. */
async function makeTemplate(ending: Ending): Promise<string> {
  const root = join(await temporaryFolder(ending), "data");
  const first = await fillClass(ending, root, 4);
  const { archive } = await first.teacher.endClass({ label: "first" });
  await first.server.stop("SIGTERM");
  const second = await fillClass(ending, root, 2);
  await second.server.stop("SIGTERM");
  const ignore = () => {};
  const store = await openStore({
    root,
    isClass: true,
    maxFileBytes: MAX_FILE_BYTES,
    now: Date.now,
    report: ignore,
    onEvent: ignore,
    onTokenEnd: ignore,
    onFatal: assert.ifError,
  });
  await store.classroom?.archives.change({ open: archive });
  await store.close();
  return root;
}

async function fillClass(ending: Ending, root: string, pupils: number) {
  const server = await startServer(ending, root, CLASS_MODE);
  const { teacher: teacherKey } = JSON.parse(await readFile(join(root, "class", "keys.json"), "utf8"));
  const teacher = new TeacherClient(server.origin, { teacherKey });
  await teacher.becomeTeacher({ userHandle: "ms-hopper" });
  for (let number = 1; number <= pupils; number++) {
    const pupil = new PlainchatClient(server.origin);
    const { userId } = await pupil.registerUser({ secret: server.secret, userHandle: `pupil ${number}` });
    await pupil.publishMessage({ userHandle: "ms-hopper", message: `hello from ${number} of ${pupils}` });
    await teacher.changePupil({ userId, isMuted: true, isHandUp: true });
  }
  return { server, teacher };
}

/** Puts the template onto the disk, durably. */
async function begin(root: string, template: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
  await cp(template, root, { recursive: true });
  // openStore() makes these before it moves anything.
  for (const folder of ["users", "messages"]) await mkdir(join(root, folder), { recursive: true });
  assert.equal(spawnSync("sync").status, 0);
}

/** Runs move.ts. @param at where it is killed. */
function move(root: string, at?: { call: string; occurrence: number }): "done" | "killed" {
  const inject = at && ["-e", `inject=${at.call}:signal=SIGKILL:when=${at.occurrence}`];
  const strace = inject ? ["strace", "-f", "-o", "/dev/null", ...inject] : [];
  const [command = "", ...args] = [...strace, process.execPath, MOVE, root];
  const { status, signal, stderr } = spawnSync(command, args, ENVIRONMENT);
  if (status === 0) return "done";
  assert.ok(signal === "SIGKILL" || status === 137, stderr);
  return "killed";
}

/** How often a move makes a call. strace counts the calls of one name by one thread. */
function countOf(root: string, call: string): number {
  const { stderr } = spawnSync("strace", ["-f", "-e", `trace=${call}`, process.execPath, MOVE, root], ENVIRONMENT);
  const made = [...stderr.matchAll(/^(?:\[pid +(\d+)\] )?(\w+)\(/gm)];
  const byThread = Map.groupBy(made, ([, thread, name]) => `${thread} ${name}`);
  return Math.max(...[...byThread.values()].map(({ length }) => length));
}

/** Every file below a folder, with the hash of its contents. */
async function filesIn(root: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of (await readdir(root, { recursive: true })).sort()) {
    const path = join(root, name);
    if ((await stat(path)).isFile())
      files.set(
        name,
        createHash("sha256")
          .update(await readFile(path))
          .digest("hex"),
      );
  }
  return files;
}
