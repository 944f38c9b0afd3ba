/**
 * The program on a database that does not wait for its disk: it refuses to start, and with --not-durable it starts and
 * says what may be lost.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../cli/cli-error.ts";
import { readSettings } from "../server/settings.ts";
import { machine } from "../testing/machine.ts";
import { noDatabase, theDatabase } from "../testing/open-test-database.ts";
import { send } from "../testing/request.ts";
import { startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const skip = noDatabase;

test("without --not-durable it refuses to start, and the doctor says why in the same words", { skip }, async (t) => {
  const address = await (await theDatabase()).create();
  const starting = startServer(t, await temporaryFolder(t), { PLAINCHAT_STORE: address });
  const error = await starting.then(
    () => assert.fail("it has started"),
    ({ message }) => String(message),
  );
  const sentence = "fsync is off in the database, so a power cut can damage all of it";
  const remedy = "tart PostgreSQL without fsync in its command line";
  assert.ok(error.includes("plainchat cannot start: the database cannot be used. 127.0.0.1:"), error);
  assert.ok(error.includes(`: ${sentence}. To change that, s${remedy}. Or start with --not-durable\n`), error);

  const here = await machine(t, "http://127.0.0.1:1");
  const { out, exitCode } = await here.run(["doctor", "--store", address]);
  assert.equal(exitCode, EXIT.folder);
  assert.ok(out.includes(`✗ ${sentence}\n  S${remedy}. Until then, servers start only with --not-durable.\n`), out);
});

test("with --not-durable it starts, and the log and /metrics say so", { skip }, async (t) => {
  const address = await (await theDatabase()).create();
  const environment = { PLAINCHAT_STORE: address, PLAINCHAT_NOT_DURABLE: "1" };
  const server = await startServer(t, await temporaryFolder(t), environment);
  assert.match(server.output(), /"level":"error".*fsync is off .* damage all of it\. --not-durable allows it"/);
  const { text } = await send(server.origin, { path: "/metrics" });
  assert.match(text, /^plainchat_not_durable 1$/m);
});

test("--not-durable is a flag and a variable, and means nothing without a database", () => {
  const read = (flags: string[], environment = {}) => {
    const settings = readSettings(flags, environment);
    assert.ok(settings !== "help");
    return settings.mustBeDurable;
  };
  const store = "--store=postgres://host/plainchat";
  assert.equal(read([store]), true);
  assert.equal(read([store, "--not-durable"]), false);
  assert.equal(read([store], { PLAINCHAT_NOT_DURABLE: "1" }), false);
  assert.equal(read([store], { PLAINCHAT_NOT_DURABLE: "0" }), true);
  assert.throws(() => read(["--not-durable"]), /--not-durable is about a database: add --store/);
  assert.throws(
    () => read([store], { npm_config_not_durable: "true" }),
    /npm kept --not-durable .* npm start -- --not-durable$/,
  );
});
