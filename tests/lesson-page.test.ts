/**
 * Tests that docs/lesson.md is true: a teacher who is no programmer reads it alone, minutes before a lesson. Its commands
 * run, the lines that it shows are printed, and every button that it names is on a page.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PlainchatClient } from "../client/plainchat-client.ts";
import { TeacherClient } from "../client/teacher-client.ts";
import { machine } from "../testing/machine.ts";
import { startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const root = join(import.meta.dirname, "..");
const read = (name: string) => readFileSync(join(root, name), "utf8");
const page = read("docs/lesson.md");
const ADDRESS = /http:\/\/192\.168\.1\.20:8080/g;

test("the commands of docs/lesson.md run in a class and print what the page shows", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await startServer(t, folder, { PLAINCHAT_CLASS: "1", PLAINCHAT_HOST: "127.0.0.1" });
  const { teacher: teacherKey } = JSON.parse(readFileSync(join(folder, "class", "keys.json"), "utf8"));
  const teacher = new TeacherClient(server.origin, { teacherKey });
  await teacher.becomeTeacher({ userHandle: "Ms Hopper" });
  const ada = new PlainchatClient(server.origin);
  const { userId, authToken } = await ada.registerUser({ secret: server.secret, userHandle: "ada" });
  const here = await machine(t, server.origin);
  const environment = { ...process.env, ...here.environment, PLAINCHAT_ROOT: folder };
  const run = (command: string) =>
    execFileSync("sh", ["-c", command], { env: environment, encoding: "utf8", timeout: 60_000 });

  // "with other words and numbers": what stands in front of each is the same.
  const [, shown = ""] = /```\n(plainchat is running[\s\S]*?)```/.exec(page) ?? [];
  const labels = shown
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/)[0] ?? "");
  assert.equal(labels.length, 7);
  const banner = read("server/banner.ts");
  for (const label of labels) assert.ok(server.output().includes(`  ${label}  `) || banner.includes(label), label);

  let command = "";
  let printed = "";
  let messageId = 0;
  const ran: string[] = [];
  for (const line of [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, code = ""]) =>
    code.trimEnd().split("\n"),
  )) {
    if (!line.startsWith("# ")) {
      command = line;
      ran.push(line.split(" ").slice(0, 3).join(" "));
      if (line.startsWith("npm start")) continue;
      printed = run(
        line
          .replace("curl", "curl -s")
          .replace(ADDRESS, server.origin)
          .replace("ID:TOKEN", `${userId}:${authToken}`)
          .replace("./plainchat", join(root, "plainchat"))
          .replace("take-down 31", `take-down ${messageId}`),
      );
      ({ messageId = messageId } = printed.startsWith("{") ? JSON.parse(printed) : {});
      if (line.endsWith("/class"))
        await new PlainchatClient(server.origin).registerUser({ secret: server.secret, userHandle: "grace" });
    } else if (line.startsWith("# {")) {
      const [given, promised] = [JSON.parse(printed), JSON.parse(line.slice(2))];
      assert.deepEqual(Object.keys(given), Object.keys(promised), command);
      if (given.detail !== undefined) assert.deepEqual(given, promised);
      if (given.users !== undefined) assert.deepEqual(given.users, promised.users);
    } else assert.equal(printed.trimEnd(), line.slice(2).replace("31", String(messageId)));
  }
  assert.deepEqual(ran, [
    "npm start --",
    `curl ${"http://192.168.1.20:8080"}/api/v1/class`,
    'curl -u "ID:TOKEN"',
    'curl -u "ID:TOKEN"',
    "./plainchat class take-down",
    "./plainchat class keys",
  ]);
  await assert.rejects(teacher.listPupils(), /not the teacher's key/);
});

test("docs/lesson.md names steps, buttons and fields as they are", () => {
  const words = ["en.json", "teacher/en.json"].map((name) => JSON.parse(read(`web/languages/${name}`)));
  const phrases = words
    .flatMap((catalogue) => Object.values(catalogue))
    .flatMap((phrase) => (typeof phrase === "string" ? phrase : Object.values(phrase as object)))
    .map((phrase) => new RegExp(`^${RegExp.escape(phrase).replace(/\\\{\w+\\\}/g, ".+")}$`));
  const told = page.replace(/```[\s\S]*?```|<img[^>]*>/g, "").replace(/\*\*(Say|ask):?\*\*[^"]{0,20}"[^"]*"/gi, "");
  const named = [...told.matchAll(/"(?:✓ )?([^"]+)"/g)].map(([, name = ""]) => name.replace(/\s+/g, " "));
  const others = ["for the class", "Terminal", "Authorize", "Execute"];
  assert.ok(named.length > 30);
  const unknown = named.filter((name) => !others.includes(name) && !phrases.some((phrase) => phrase.test(name)));
  assert.deepEqual(unknown, []);
  const spec = read("docs/spec.md");
  const steps = new Set([...spec.matchAll(/^- `(chat\.post\.[\d.]+)`/gm)].map(([, id = ""]) => id));
  assert.equal(steps.size, Number(/How many steps are there\? \((\d+)\)/.exec(page)?.[1]));
  for (const [, id = ""] of page.matchAll(/`(chat\.post\.[\d.]+)`/g)) assert.ok(steps.has(id), id);
});
