import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startDatabase, type TestDatabase } from "../../../../testing/database.ts";
import { noDatabase } from "../../../../testing/open-test-database.ts";
import { backUpDatabase } from "../../move/database-backup.ts";
import { DatabaseProblem } from "./database-problem.ts";
import { connectFromTerminal } from "./terminal-connection.ts";

const NOBODY = "127.0.0.1:1";

describe("a command at the terminal", { skip: noDatabase }, () => {
  const endings: (() => unknown)[] = [];
  const ending = { after: (work: () => unknown) => endings.push(work) };
  let old: TestDatabase;
  let promoted: TestDatabase;
  before(async () => {
    // Whoever comes out of a recovery begins a new timeline, as a standby does that was promoted.
    const settings = ["restore_command=false"];
    [old, promoted] = await Promise.all([
      startDatabase(ending, { settings }),
      // It answers nobody before its recovery is over.
      startDatabase(ending, { settings: [...settings, "hot_standby=off"] }),
    ]);
    await restartWith(promoted, "recovery.signal");
  });
  after(async () => {
    for (const end of endings.reverse()) await end();
  });

  async function restartWith(database: TestDatabase, signal: "recovery.signal" | "standby.signal"): Promise<void> {
    await database.stop("SIGINT");
    writeFileSync(join(database.folder, signal), "");
    await database.start();
  }

  const addressOf = (...hosts: string[]) => `postgres://plainchat@${hosts.join(",")}/postgres`;
  const hostOf = ({ port }: TestDatabase) => `127.0.0.1:${port}`;

  async function portOf(address: string): Promise<number> {
    const sql = await connectFromTerminal(address, "a test");
    try {
      const [row] = await sql<{ port: number }[]>`select inet_server_port() as port`;
      return row?.port ?? 0;
    } finally {
      await sql.end();
    }
  }

  test("takes the primary with the newest timeline, as a server does, wherever it stands", async () => {
    for (const hosts of [
      [hostOf(old), hostOf(promoted)],
      [hostOf(promoted), hostOf(old)],
      [NOBODY, hostOf(old), hostOf(promoted)],
      [hostOf(promoted)],
    ]) {
      assert.equal(await portOf(addressOf(...hosts)), promoted.port, hosts.join());
    }
    // The driver's own choice would be the first host.
    assert.equal(await portOf(`${addressOf(hostOf(old), hostOf(promoted))}?target_session_attrs=any`), promoted.port);
    assert.equal(await portOf(addressOf(hostOf(old))), old.port, "a single host is no choice");
  });

  test("never takes a standby, and says why no host fits", async () => {
    await restartWith(old, "standby.signal");
    assert.equal(await portOf(addressOf(hostOf(old), hostOf(promoted))), promoted.port);
    await assert.rejects(
      connectFromTerminal(addressOf(hostOf(old)), "a test"),
      new DatabaseProblem("it is a standby. Use the address of the primary"),
    );
    await assert.rejects(connectFromTerminal(addressOf(hostOf(old), NOBODY), "a test"), (error: Error) => {
      assert.match(error.message, /^no host takes changes\. .*: it is a standby/);
      assert.match(error.message, /127\.0\.0\.1:1: nothing answers at this address/);
      return error instanceof DatabaseProblem;
    });
    await assert.rejects(
      backUpDatabase(addressOf(hostOf(old)), join(old.folder, "backup.tar.gz"), () => {}),
      { name: "MoveProblem", message: /it is a standby\. Use the address of the primary$/ },
    );
  });
});
