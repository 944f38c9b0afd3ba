/**
 * Tests that the documents are true: the commands in them run against a real server, the links work, and the table of
 * errors matches the server's.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { PlainchatClient } from "../client/plainchat-client.ts";
import { PROBLEM_TYPES } from "../server/http/reply/problem-types.ts";
import { startServer } from "../testing/start-server.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

const root = join(import.meta.dirname, "..");
const documents = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...globSync("docs/**/*.md", { cwd: root }),
];
const read = (name: string) => readFileSync(join(root, name), "utf8");

/** @returns all field names in a JSON value, also the nested ones: what an example promises about a reply. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shape(each)]));
}

test("the session in the README runs as written and gives the replies that it shows", async (t) => {
  const server = await startServer(t, await temporaryFolder(t));
  const session = /```sh\n(SECRET=[\s\S]*?)```/.exec(read("README.md"))?.[1] ?? assert.fail("there is no session");
  const variables: Record<string, string> = { SECRET: server.secret };
  let reply = { userId: 0, authToken: "" };
  let compared = 0;
  for (const line of session.split("\n")) {
    const name = /^([A-Z]+)=/.exec(line)?.[1];
    if (line.startsWith("curl ")) {
      const command = line.replaceAll("http://127.0.0.1:8080", server.origin);
      reply = JSON.parse(
        execFileSync("sh", ["-c", command], { env: { ...process.env, ...variables }, encoding: "utf8" }),
      );
    } else if (line.startsWith("# ")) {
      assert.deepEqual(shape(reply), shape(JSON.parse(line.slice(2))), line);
      if ("detail" in reply) assert.deepEqual(reply, JSON.parse(line.slice(2)));
      compared++;
    } else if (name !== undefined && name !== "SECRET") {
      variables[name] = `${reply.userId}:${reply.authToken}`;
    }
  }
  assert.equal(compared, 5);
});

test("every curl line of docs/spec.md works", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await startServer(t, folder, { PLAINCHAT_CLASS: "1", PLAINCHAT_HOST: "127.0.0.1" });
  const here = (command: string) =>
    command
      .replaceAll("http://127.0.0.1:8080", server.origin)
      .replace("river-candle-orbit-maple", server.secret)
      .replace("curl", "curl -s --fail-with-body");
  const run = (command: string, variables: Record<string, string> = {}): string =>
    execFileSync("sh", ["-c", here(command).replace("wait=60", "wait=1")], {
      env: { ...process.env, ...variables },
      cwd: folder,
      encoding: "utf8",
      timeout: 20_000,
    });
  const examples = [...read("docs/spec.md").matchAll(/```sh\n(curl .*)\n```/g)].map(([, command = ""]) => command);
  assert.equal(examples.length, (read("docs/spec.md").match(/^## `/gm) ?? []).length, "one for each call");
  const { teacher: TEACHER } = JSON.parse(readFileSync(join(folder, "class", "keys.json"), "utf8"));
  const isTeacher = (command: string) => command.includes("/class/teacher");
  const [register = "", ...others] = examples.filter((each) => !isTeacher(each));
  // In the examples the teacher came first, and ada second.
  run(examples.find(isTeacher) ?? "", { TEACHER });
  let { userId, authToken } = JSON.parse(run(register));
  const grace = JSON.parse(run(register.replace("ada", "grace")));
  let rejoinCode = "";
  // After leaving, a user can send nothing more. So this comes last.
  const isLast = (command: string) => command.includes("-X DELETE") && command.includes("/register");
  const endsClass = (command: string) => /\/(archives|open) -d /.test(command);
  const inOrder = others.filter((each) => !isLast(each) && !endsClass(each));
  let archive = "";
  for (const command of [...inOrder, ...others.filter(isLast), ...others.filter(endsClass)]) {
    const variables = { ADA: `${userId}:${authToken}`, TEACHER };
    // An example before has renamed ada, and ada is still needed when a pupil is removed.
    const possible = command
      .replace(/"ada","rejoinCode":"\w+"/, `"lovelace","rejoinCode":"${rejoinCode}"`)
      .replace('"messageId":17', '"messageId":2')
      .replace(/"archive":"[^"]+"/, `"archive":"${archive}"`)
      .replace(/(?<=-X DELETE .*\/pupils .*)"userId":2/, `"userId":${grace.userId}`);
    if (command.includes(" -o ")) {
      run(possible, variables);
      assert.equal(readFileSync(join(folder, "class.zip"), "latin1").slice(0, 4), "PK\x03\x04");
    } else if (command.includes("/stream")) assert.match(await beginningOf(here(command), variables), /^id: \d+$/m);
    else {
      const reply = JSON.parse(run(possible, variables));
      if (command.includes("/codes")) rejoinCode = reply.code;
      if (command.includes("/rejoin")) ({ userId, authToken } = reply);
      if (endsClass(command)) {
        ({ archive } = reply);
        // The server opens its folder again. Until then it refuses connections.
        run("curl --retry 50 --retry-delay 0 --retry-all-errors http://127.0.0.1:8080/healthz");
      }
    }
  }
});

test("every curl line of docs/guides/live.md works", async (t) => {
  const server = await startServer(t, await temporaryFolder(t));
  const client = new PlainchatClient(server.origin);
  const { userId, authToken } = await client.registerUser({ secret: server.secret, userHandle: "grace" });
  await client.publishMessage({ userHandle: "grace", message: "hello" });
  const variables = { GRACE: `${userId}:${authToken}` };
  const commands = [...read("docs/guides/live.md").matchAll(/```sh\n(curl .*)\n```/g)].map(([, command = ""]) =>
    command.replaceAll("http://127.0.0.1:8080", server.origin),
  );
  assert.equal(commands.length, 4);
  for (const command of commands) {
    assert.match(await beginningOf(command, variables), command.includes("/stream") ? /^id: /m : /"message":"hello"/);
  }
});

test("every curl line of docs/guides/explain.md works", async (t) => {
  const server = await startServer(t, await temporaryFolder(t), { PLAINCHAT_CLASS: "1", PLAINCHAT_HOST: "127.0.0.1" });
  const client = new PlainchatClient(server.origin);
  const { userId, authToken } = await client.registerUser({ secret: server.secret, userHandle: "ada" });
  const variables = { ...process.env, ADA: `${userId}:${authToken}` };
  const [request = "", trace = "", feed = ""] = [
    ...read("docs/guides/explain.md").matchAll(/```sh\n(curl .*)\n```/g),
  ].map(([, command = ""]) => command.replaceAll("http://127.0.0.1:8080", server.origin));
  const watching = spawn("sh", ["-c", `exec ${feed}`], { env: variables, timeout: 20_000 });
  let told = "";
  for await (const piece of watching.stdout) {
    if (told === "") {
      const reply = execFileSync("sh", ["-c", `${request} -s`], { env: variables, encoding: "utf8" });
      assert.match(reply, /^server-timing: users\.get\.1\.1;dur=[\d.]+, users\.get\.1\.2;/m);
      const id = /^link: <\/api\/v1\/explain\/([\w-]{22})>; rel="describedby"/m.exec(reply)?.[1] ?? assert.fail(reply);
      const readable = execFileSync("sh", ["-c", trace.replace(/explain\/[\w-]+/, `explain/${id}`)], {
        encoding: "utf8",
      });
      assert.match(readable, /^ {4}"operation": "users\.get",$/m);
    }
    told += piece;
    if (told.includes("event: trace\n")) watching.kill();
  }
  assert.match(told, /"operation":"users\.get"/);
});

/** Runs a command that does not end by itself. @returns its output up to the first event id. */
async function beginningOf(command: string, variables: Record<string, string>): Promise<string> {
  // `exec` replaces the shell, so the signal reaches the command.
  const child = spawn("sh", ["-c", `exec ${command}`], { env: { ...process.env, ...variables }, timeout: 20_000 });
  let text = "";
  for await (const piece of child.stdout) {
    text += piece;
    if (/^id: /m.test(text)) child.kill();
  }
  return text;
}

test("every link in the documents leads to an existing file", () => {
  for (const name of documents) {
    for (const [, target = ""] of read(name).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      assert.ok(existsSync(join(root, dirname(name), target)), `${name} links to ${target}`);
    }
  }
});

interface TreeLine {
  /** The files or folders that the line is about. */
  paths: string[];
  /** Files that its description names: they must be in the same folder, in the folder above, or in the line's own. */
  mentioned: string[];
  folder: string;
}

/** The tree of ARCHITECTURE.md. A line has one or more names, and after two spaces what they are for. */
function readTree(): TreeLine[] {
  const tree = /```\n(server\/[\s\S]*?)```/.exec(read("ARCHITECTURE.md"))?.[1] ?? assert.fail("there is no tree");
  const folders: string[] = [];
  return tree.split("\n").map((line) => {
    const [names = ""] = /^(?: {2,}[\w.-]+(?:\/|\.\w+)(?= {2,}|$))+/.exec(`  ${line.trimStart()}`) ?? [];
    const each = names.trim().split(/ +/).filter(Boolean);
    folders.length = Math.max(0, line.search(/\S/) / 2);
    const folder = folders.join("");
    if (each.length === 1 && each[0]?.endsWith("/")) folders.push(each[0]);
    const described = line.trimStart().slice(Math.max(0, names.length - 2));
    const mentioned = [...described.matchAll(/(?<![/\w])[\w-]+\.(?:ts|mjs|json|md)\b/g)].map(([name]) => name);
    return { paths: each.map((name) => folder + name), mentioned, folder };
  });
}

test("every file that ARCHITECTURE.md draws is there, in that folder", () => {
  const lines = readTree();
  assert.ok(lines.flatMap(({ paths }) => paths).length > 120);
  assert.ok(lines.flatMap(({ mentioned }) => mentioned).length > 20);
  for (const { paths, mentioned, folder } of lines) {
    for (const path of paths) assert.ok(existsSync(join(root, path)), path);
    for (const name of mentioned) {
      const places = [folder, join(folder, ".."), ...paths.filter((path) => path.endsWith("/"))];
      assert.ok(
        places.some((place) => existsSync(join(root, place, name))),
        `${folder}${name}`,
      );
    }
  }
});

test("ARCHITECTURE.md draws every folder of the server, and every folder beside it", () => {
  const inServer = globSync("server/**/*.ts", { cwd: root }).map((file) => `${dirname(file).replaceAll("\\", "/")}/`);
  const beside = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(?:\..*|node_modules|data|dist|my-chat-server)$/.test(entry.name))
    .map(({ name }) => `${name}/`);
  const drawn = new Set(readTree().flatMap(({ paths }) => paths));
  assert.ok(beside.length > 8);
  for (const folder of new Set([...inServer, ...beside])) assert.ok(drawn.has(folder), folder);
});

test("the table in docs/errors.md matches the server's problems", () => {
  const errors = read("docs/errors.md");
  for (const { status, title, slug, meaning } of PROBLEM_TYPES) {
    assert.ok(errors.includes(`| ${status} ${title} | \`/problems/${slug}\` | ${meaning} |`), slug);
  }
});

test("the proofs that SECURITY.md names are there", () => {
  const table =
    /\| Promise \| Proof \|\n([\s\S]*?)\n\n/.exec(read("SECURITY.md"))?.[1] ?? assert.fail("there is no table");
  const named = table
    .split("\n")
    .flatMap((row) => [...row.matchAll(/`([\w-]+)`(?=[^|]*\|$|[^|]*, `)/g)].map(([, name]) => name));
  const proofs = globSync("prove/**/*.ts", { cwd: root }).map(
    (file) => /^ {2}name: "([\w-]+)",$/m.exec(read(file))?.[1],
  );
  assert.ok(named.length > 12 && named.includes("class-end"));
  for (const name of named) assert.ok(proofs.includes(name), name);
});

test("every npm command in the documents is in package.json", () => {
  const { scripts } = JSON.parse(read("package.json"));
  for (const name of documents) {
    for (const [, script = ""] of read(name).matchAll(/npm run (?:-s )?([a-z:]+)/g)) assert.ok(scripts[script], script);
  }
});

test("every JSON example in the documents is valid JSON", () => {
  for (const name of documents) {
    for (const [, example = ""] of read(name).matchAll(/```json\n([\s\S]*?)```/g)) {
      assert.doesNotThrow(() => JSON.parse(example), `${name}: ${example}`);
    }
  }
});
