/**
 * Applies the hints that have code in them, as a learner would: a small server fails at a case, the code of its hint
 * goes in, and then the case passes, together with everything that passed before.
 */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { changed } from "../../check/broken/broken-server.ts";
import { freePort } from "../../check/node/free-port.ts";
import { httpExchange } from "../../check/node/http-exchange.ts";
import { ServerUnderTest } from "../../check/node/server-under-test.ts";
import { runCheck } from "../../check/run-check.ts";
import { loadStages } from "../../check/stages.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";

const SECRET = "river-candle-orbit-maple";
const LEARNER = "tests/check/learner-server.py";
const SEED = "check/literal/seed-server.ts";
const SECOND = "check/second-server/server.py";
const AT_ONCE = 2;

const hints = new Map(loadStages().flatMap(({ cases }) => cases.map(({ id, hint }) => [id, hint])));

interface Applied {
  /** The case whose hint it is. */
  id: string;
  /** What the hint says, word for word. */
  code: string;
  /** What the learner had. */
  before: string;
  /** What the hint makes of it. */
  after: string;
}

/** learner-server.py already follows these hints: `before` puts the mistake in. */
const IN_PYTHON: Applied[] = [
  {
    id: "register-field-twice",
    code: "object_pairs_hook",
    before: 'json.loads(body.decode("utf-8"))',
    after: 'json.loads(body.decode("utf-8"), object_pairs_hook=no_field_twice)',
  },
  {
    id: "register-handle-short",
    code: "3 <= length and length <= 64",
    before: "least < length_of(value) <= most",
    after: "least <= length_of(value) <= most",
  },
  {
    id: "register-handle-long",
    code: "3 <= length and length <= 64",
    before: "least <= length_of(value) < most",
    after: "least <= length_of(value) <= most",
  },
  { id: "register-code-points", code: "len(text)", before: "return len(text.encode())", after: "return len(text)" },
  {
    id: "register-taken",
    code: 'open(path, "x")',
    before: 'with open(os.path.join(USERS, name), "w") as file:',
    after: 'with open(os.path.join(USERS, name), "x") as file:',
  },
  {
    id: "look-up-first-owner",
    code: 'open(path, "x")',
    before: 'with open(os.path.join(USERS, name), "w") as file:',
    after: 'with open(os.path.join(USERS, name), "x") as file:',
  },
  {
    id: "register-same-letters",
    code: 'unicodedata.normalize("NFC", handle)',
    before: "    return hashlib",
    after: '    handle = unicodedata.normalize("NFC", handle)\n    return hashlib',
  },
  {
    id: "register-any-content-type",
    code: "parse every body as JSON",
    before:
      "if self.headers.get('Content-Type') not in ('application/json', None): raise Stop(400)\n        return call(",
    after: "return call(",
  },
  {
    id: "register-wrong-secret",
    code: "without the line break at the end of the file",
    before: 'secret.startswith(read("secret.dat").strip())',
    after: 'secret == read("secret.dat").strip()',
  },
];

/** The seed server gets one hint after the other. */
const IN_JAVASCRIPT: Applied[] = [
  {
    id: "register-code-points",
    code: "[...text].length",
    before: 'typeof value === "string" && value.length >= min && value.length <= max',
    after: 'typeof value === "string" && [...value].length >= min && [...value].length <= max',
  },
  {
    id: "register-lone-surrogate",
    code: "text.isWellFormed()",
    before: "[...value].length >= min",
    after: "value.isWellFormed() && [...value].length >= min",
  },
  {
    id: "register-at-once",
    code: '"wx"',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a line of that file.
    before: "  writeFileSync(join(users, `${hashOf(inputs.userHandle)}.dat`), String(myId));",
    after:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a line of that file.
      '  try { writeFileSync(join(users, `${hashOf(inputs.userHandle)}.dat`), String(myId), { flag: "wx" }); } catch { throw new Stop(409); }',
  },
  {
    id: "register-same-letters",
    code: 'handle.normalize("NFC")',
    before: '  return createHash("sha256").update(userHandle)',
    after: '  return createHash("sha256").update(userHandle.normalize("NFC"))',
  },
];

/** Hints with code that a small server cannot try, and why. */
const NOT_TRIED: Record<string, string> = {
  "register-twice": "secrets.token_hex: check/second-server does it",
  "register-almost-json": "parse_constant: check/second-server does it",
  "register-invisible-characters": "unicodedata.category: check/second-server does it",
  "register-any-characters": "unicodedata.category: check/second-server does it",
  "users-digits": "it names functions that take too much, and the case sends what they take",
  "read-empty-inputs":
    "keep_blank_values: the bug empty-values-in-the-url-are-dropped of check/second-server reads like that",
  host: "get_all: a request without Host never gets as far in most servers",
  "wait-at-once": "notify_all: check/second-server does it",
  "read-after": "> and >= in a comparison: the bugs of check/second-server have both",
};

const CODE = /\w\(|[<>]=?|\w_\w|"wx"|\.\.\.\w|ThreadingHTTPServer/;

test("every hint with code in it is tried", () => {
  const tried = new Set([...IN_PYTHON, ...IN_JAVASCRIPT, { id: "wait" }].map(({ id }) => id));
  const withCode = [...hints].filter(([, hint]) => CODE.test(hint)).map(([id]) => id);
  assert.ok(withCode.length >= 9);
  assert.deepEqual(
    withCode.filter((id) => !tried.has(id) && !(id in NOT_TRIED)),
    [],
  );
  for (const { id, code } of [...IN_PYTHON, ...IN_JAVASCRIPT]) {
    assert.ok(hints.get(id)?.includes(code), `the hint of ${id} no longer says ${code}`);
  }
});

const IN_ORDER = loadStages().flatMap(({ cases }) => cases.map(({ id }) => id));
const EARLY = (stage: number, id: string) => stage <= 2 || id === "register-at-once";

/** @returns the ids of the cases that pass. */
async function passing(t: TestContext, source: string, extension: string, isAsked = EARLY): Promise<Set<string>> {
  const folder = await temporaryFolder(t);
  const [file, root] = [join(folder, `server.${extension}`), join(folder, "data")];
  await mkdir(join(root, "users"), { recursive: true });
  await writeFile(join(root, "users", "secret.dat"), `${SECRET}\n`.slice(0, extension === "ts" ? -1 : undefined));
  await writeFile(file, source);
  const url = `http://127.0.0.1:${await freePort()}`;
  const { port } = new URL(url);
  const program = extension === "ts" ? `"${process.execPath}"` : "python3";
  const options = source.includes('"--root"') ? `--root "${root}" --port ${port}` : `"${root}" ${port}`;
  const server = new ServerUnderTest(`${program} "${file}" ${options}`, url);
  try {
    await server.start();
    const stages = loadStages().map((each) => ({
      ...each,
      cases: each.cases.filter(({ id }) => isAsked(each.stage, id)),
    }));
    const surroundings = { url, secret: SECRET, profile: "full" as const, patienceMilliseconds: 3000 };
    const report = await runCheck({ surroundings: { ...surroundings, exchange: httpExchange }, stages, all: true });
    const results = report.stages.flatMap((stage) => stage.results);
    return new Set(results.filter(({ outcome }) => outcome === "passed").map((result) => result.case.id));
  } finally {
    await server.kill();
  }
}

function mustHelp(id: string, before: ReadonlySet<string>, after: ReadonlySet<string>): void {
  assert.ok(before.size > 20, `${before.size}`);
  assert.ok(!before.has(id), `${id} passes before its hint is applied`);
  assert.ok(after.has(id), `${id} does not pass after its hint was applied`);
  // The check stops at the first failure, so a learner who reads the hint has seen only the cases before it.
  const isEarlier = (other: string) => IN_ORDER.indexOf(other) < IN_ORDER.indexOf(id);
  assert.deepEqual([...before.difference(after)].filter(isEarlier), [], `the hint of ${id} breaks what passed`);
}

const read = (file: string) => readFile(join(import.meta.dirname, "..", "..", file), "utf8");

test("hints with Python in them make their case pass, and break nothing", { concurrency: AT_ONCE }, async (t) => {
  const source = await read(LEARNER);
  const after = await passing(t, source, "py");
  await Promise.all(
    IN_PYTHON.map((applied) =>
      t.test(applied.id, async (each) => {
        const mistake = { file: LEARNER, find: [applied.after], replace: [applied.before] };
        mustHelp(applied.id, await passing(each, changed(source, mistake), "py"), after);
      }),
    ),
  );
});

test("hints with JavaScript in them make their case pass, and break nothing, one after the other", async (t) => {
  let source = await read(SEED);
  let before = await passing(t, source, "ts");
  for (const { id, before: find, after: replace } of IN_JAVASCRIPT) {
    source = changed(source, { file: SEED, find: [find], replace: [replace] });
    const after = await passing(t, source, "ts");
    mustHelp(id, before, after);
    before = after;
  }
});

test("with ThreadingHTTPServer and one lock, a new message ends a wait, and many at once still work", async (t) => {
  const source = await read(SECOND);
  assert.match(hints.get("wait") ?? "", /use ThreadingHTTPServer\. Then .* put one lock around/);
  const onlyOne = { file: SECOND, find: ["http.server.ThreadingHTTPServer"], replace: ["http.server.HTTPServer"] };
  const isAsked = (stage: number, id: string) => stage <= 1 || stage === 6 || id === "wait";
  const before = await passing(t, changed(source, onlyOne), "py", isAsked);
  mustHelp("wait", before, await passing(t, source, "py", isAsked));
});
