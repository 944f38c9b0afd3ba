/**
 * Requests from the terminal must never end a running server, whatever the folder of requests looks like.
 */
import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { atEnd } from "../../../testing/at-end.ts";
import { temporaryFolder } from "../../../testing/temporary-folder.ts";
import { Paths } from "../files/paths.ts";
import { askServer, ControlFiles, removeControlFiles } from "./control-files.ts";

/** ControlFiles, and their reports. `said` resolves with the next report. */
async function serving(t: TestContext, paths: Paths) {
  const reports: string[] = [];
  let wake: (report: string) => void = () => {};
  const report = (_level: string, sentence: string) => {
    reports.push(sentence);
    wake(sentence);
  };
  let times = 0;
  let compacted: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    compacted = resolve;
  });
  const requests = new ControlFiles(
    paths,
    {
      async compact() {
        times++;
        compacted();
        return `compacted ${times} times`;
      },
      restore: async () => assert.fail("nobody asked for this"),
      look: async () => assert.fail("nobody asked for this"),
    },
    report,
  );
  atEnd(t, () => requests.close());
  const said = () =>
    new Promise<string>((resolve) => {
      wake = resolve;
    });
  return { reports, said, done, times: () => times };
}

test("ControlFiles reports once that it cannot check for requests, and keeps trying", async (t) => {
  const paths = new Paths(await temporaryFolder(t));
  // A file in the place of the folder. Permissions would not do: tests may run as root, and root may do everything.
  await writeFile(paths.requests, "");
  const { reports, said, done } = await serving(t, paths);
  assert.match(await said(), /^Cannot check for requests/);
  await rm(paths.requests);
  await mkdir(paths.requests);
  await writeFile(paths.request("compact"), "");
  await done;
  assert.equal(reports.length, 1);
});

test("ControlFiles does a request only once, even if its file cannot be removed", async (t) => {
  const paths = new Paths(await temporaryFolder(t));
  await mkdir(paths.request("compact"), { recursive: true });
  const { said, done, times } = await serving(t, paths);
  // The request is a folder, so it cannot be removed after it was done.
  await done;
  assert.match(await said(), /^Cannot check for requests/);
  await setTimeout(600);
  assert.equal(times(), 1);
});

test("ControlFiles serves a second request that comes right after the first", async (t) => {
  const paths = new Paths(await temporaryFolder(t));
  await mkdir(paths.requests, { recursive: true });
  const { times } = await serving(t, paths);
  for (let asked = 1; asked <= 2; asked++) {
    assert.equal(await askServer(paths, "compact", () => true), `compacted ${asked} times`);
    assert.equal(times(), asked);
  }
});

test("removeControlFiles() does not make a start fail when it cannot read the requests", async (t) => {
  const paths = new Paths(await temporaryFolder(t));
  await mkdir(paths.request("compact"), { recursive: true });
  const reports: string[] = [];
  await removeControlFiles(paths, (_level, sentence) => reports.push(sentence));
  assert.deepEqual(reports, ["Old requests cannot be removed"]);
});
