/**
 * A class goes on over HTTP wherever its data are: a folder, a database, the folder that it was moved back to, and what
 * was restored from a backup. Teacher and pupils notice nothing: their keys, tokens and codes are valid.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { PlainchatClient } from "../client/plainchat-client.ts";
import { TeacherClient } from "../client/teacher-client.ts";
import { machine } from "../testing/machine.ts";
import { noDatabase, theDatabase } from "../testing/open-test-database.ts";
import { type RunningServer, startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const REPORT = { lesson: 3, case: "register-no-secret", passed: 2, total: 13 };

describe("a class that moves", { skip: noDatabase }, () => {
  const create = async () => (await theDatabase()).create();

  const serve = (t: TestContext, root: string, database?: string): Promise<RunningServer> =>
    startServer(t, root, {
      PLAINCHAT_CLASS: "1",
      PLAINCHAT_HOST: "127.0.0.1",
      ...(database !== undefined && { PLAINCHAT_STORE: database, PLAINCHAT_NOT_DURABLE: "1" }),
    });

  const keyIn = (root: string): string => JSON.parse(readFileSync(join(root, "class", "keys.json"), "utf8")).teacher;

  test("is the same class at each place, over HTTP", async (t) => {
    const [folder, address, other] = [await temporaryFolder(t), await create(), await create()];
    const at = (name: string) => join(folder, name);
    const here = await machine(t, "http://127.0.0.1:1");
    const run = async (...command: string[]) => {
      const { exitCode, error } = await here.run(command);
      assert.equal(exitCode, 0, error);
    };
    let server = await serve(t, at("data"));
    const teacherKey = keyIn(at("data"));
    let teacher = new TeacherClient(server.origin, { teacherKey });
    const { userId: teacherId } = await teacher.becomeTeacher({ userHandle: "ms-hopper" });
    const register = (userHandle: string) =>
      new PlainchatClient(server.origin).registerUser({ secret: server.secret, userHandle });
    const [ada, grace, alan] = [await register("ada"), await register("grace"), await register("alan")];
    const as = ({ userId: myId, authToken: myAuth }: { userId: number; authToken: string }) =>
      new PlainchatClient(server.origin, { credentials: { myId, myAuth } });
    await as(ada).publishMessage({ userHandle: "grace", message: "hello" });
    await as(ada).reportProgress(REPORT);
    await as(grace).raiseHand({ isUp: true });
    await teacher.changeClass({ lesson: 3, showsTexts: true });
    await teacher.changePupil({ userId: grace.userId, isMuted: true });
    await teacher.changePupil({ userId: alan.userId, isHidden: true });
    const { code } = await teacher.makeRejoinCode({ userId: alan.userId });

    /** What everybody sees. What the server has seen since its start, such as the last request, is not kept. */
    const view = async () => {
      teacher = new TeacherClient(server.origin, { teacherKey });
      const { pupils } = await teacher.listPupils();
      const { isPaused, showsTexts, lesson, users } = await new PlainchatClient(server.origin).readClass();
      const muted = await as(grace).publishMessage({ userHandle: "ada", message: "psst" }).catch(String);
      return {
        pupils: pupils.map(({ last: _last, refused: _refused, isHere: _isHere, ...pupil }) => pupil),
        ofClass: { isPaused, showsTexts, lesson, users },
        muted,
        inbox: (await as(grace).fetchQueue()).messages,
        teacherId: (await teacher.becomeTeacher({ userHandle: "ms-hopper" })).userId,
      };
    };
    const first = await view();
    assert.equal(first.teacherId, teacherId);
    assert.match(String(first.muted), /muted/);
    assert.deepEqual(
      first.pupils.map(({ isMuted, isHidden, isHandUp, progress }) => [isMuted, isHidden, isHandUp, progress?.passed]),
      [
        [false, false, false, REPORT.passed],
        [true, false, true, undefined],
        [false, true, false, undefined],
      ],
    );
    assert.equal(first.inbox.length, 1);
    await server.stop("SIGTERM");

    await run("move", "--from", at("data"), "--to", address);
    server = await serve(t, at("unused"), address);
    assert.deepEqual(await view(), first, "in the database");
    await server.stop("SIGTERM");

    await run("move", "--from", address, "--to", at("back"));
    await run("backup", "--store", address, at("backup.tar.gz"));
    await run("restore", "--root", at("restored"), at("backup.tar.gz"));
    await run("restore", "--store", other, at("backup.tar.gz"));
    for (const [what, root, database] of [
      ["restored into a folder", at("restored"), undefined],
      ["restored into another database", at("unused"), other],
      ["moved back", at("back"), undefined],
    ] as const) {
      server = await serve(t, root, database);
      assert.deepEqual(await view(), first, what);
      const rejoining = new PlainchatClient(server.origin).rejoin({ userHandle: "alan", rejoinCode: code });
      // A backup has no codes, and the moved class has.
      if (what === "moved back") assert.equal((await rejoining).userId, alan.userId);
      else await assert.rejects(rejoining, { status: 403 });
      await server.stop("SIGTERM");
    }
    assert.equal(keyIn(at("restored")), teacherKey, "the printed address goes on working");
  });
});
