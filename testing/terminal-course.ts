/**
 * A course of two lessons, and a learner who works on it in a terminal, for tests of `plainchat learn`. The layout is that
 * of the folder course/; the cases are the real ones.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { freePort } from "../check/node/free-port.ts";
import { type Machine, machine } from "./machine.ts";
import type { PseudoTerminal, TerminalOptions } from "./pseudo-terminal.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** It answers every request in the same way. */
function pythonServer(body: string, type: string): string {
  return `import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'${body}'
        self.send_response(200)
        self.send_header("Content-Type", "${type}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
`;
}

function typescriptServer(body: string, type: string): string {
  return `import { createServer } from "node:http";

const port: number = Number(process.argv[2]);
const server = createServer((request, response) => {
  response.writeHead(200, { "content-type": "${type}" });
  response.end('${body}');
});
server.listen(port, "127.0.0.1");
`;
}

const HELLO = ["hello", "text/plain"] as const;
const USER = ['{"userId": 1, "authToken": "a-token-of-a-user"}', "application/json"] as const;

/** The starter answers hello, and is the solution of lesson 1. The second one passes lesson 2. */
export const SERVERS = {
  python: { file: "server.py", starter: pythonServer(...HELLO), second: pythonServer(...USER) },
  typescript: { file: "server.ts", starter: typescriptServer(...HELLO), second: typescriptServer(...USER) },
};

const text = (n: number) => `# Lesson ${n}

## The idea

The **idea** of lesson ${n} is long enough that it does not fit into one line of a terminal, so it has to be
broken between two words. See the [specification](../../docs/spec.md).

![A picture](picture.svg)

## Try it

\`\`\`sh
curl -i http://127.0.0.1:8080/healthz
\`\`\`

## Your task

- Answer \`hello ${n}\`, and do not forget that an item of a list can be longer than a line, too.

## Look, it works

Look at lesson ${n}.

## Hints

### Hint 1

The first hint of lesson ${n}.

### Hint 2

The second hint of lesson ${n}:

\`\`\`python
## no heading
print("in Python")
\`\`\`

\`\`\`ts
console.log("in TypeScript");
\`\`\`

## How plainchat does it

It listens.
`;

const lessonFile = (n: number) => ({
  lesson: n,
  title: { en: `English title ${n}`, de: `Deutscher Titel ${n}` },
  minutes: 30,
  tryWith: [],
  plainchat: [
    { file: "server/http/monitor/probes.ts", text: '{ status: "ok" }', en: "It says so.", de: "Das sagt es." },
  ],
  predict: {
    server: {
      change: { find: "200", replace: "500" },
      case: n === 1 ? "answers" : "register-content-type",
      en: `Which check fails in lesson ${n}?`,
      de: `Was scheitert in Lektion ${n}?`,
      explain: { en: "So it is.", de: "So ist es." },
    },
    ...(n === 2 && {
      trace: {
        request: "curl -i http://127.0.0.1:8080/api/v1/register",
        step: "register.post.1.4",
        en: "At which step does it stop?",
        de: "Bei welchem Schritt?",
      },
    }),
  },
});

/** @returns the folder of the course. @param lineBreak that of its files. */
export async function smallCourse(t: TestContext, lineBreak = "\n"): Promise<string> {
  const course = await temporaryFolder(t);
  const write = async (path: string, contents: string) => {
    await mkdir(dirname(join(course, path)), { recursive: true });
    await writeFile(join(course, path), contents.replaceAll("\n", lineBreak));
  };
  const starter = (name: string, file: string, program: string) => ({
    name,
    file,
    start: `${program} ${file} {port} {folder}`,
    secret: "SECRET",
    install: { en: `Install ${name}.`, de: `Installiere ${name}.` },
  });
  const starters = {
    python: starter("Python", "server.py", "python3"),
    typescript: starter("TypeScript", "server.ts", "node"),
    go: starter("Go", "server.go", "no-such-program-as-this"),
  };
  await write("starters/starters.json", JSON.stringify({ starters }, undefined, 2));
  await write("starters/go/server.go", "package main\n");
  for (const [language, { file, starter, second }] of Object.entries(SERVERS)) {
    const ending = language === "python" ? "py" : "ts";
    await write(`starters/${language}/${file}`, starter);
    await write(`solutions/${language}/01.${ending}`, starter);
    await write(`solutions/${language}/02.${ending}`, second);
  }
  for (const [n, name] of [
    [1, "01-first"],
    [2, "02-second"],
  ] as const) {
    await write(`lessons/${name}/lesson.json`, JSON.stringify(lessonFile(n), undefined, 2));
    await write(`lessons/${name}/en.md`, text(n));
    await write(`lessons/${name}/de.md`, text(n).replace("## The idea", "## Die Idee"));
  }
  return course;
}

export interface Learner {
  here: Machine;
  course: string;
  /** The learner's folder. */
  folder: string;
  /** The path of the server. */
  server: string;
  port: number;
  /** Starts `plainchat learn` in a terminal. */
  learn: (options?: string[], how?: TerminalOptions) => PseudoTerminal;
  /** Runs `plainchat learn --once`. */
  once: (...options: string[]) => ReturnType<Machine["run"]>;
}

interface Begin {
  language?: keyof typeof SERVERS;
  /** The code of the server. Default: the starter. */
  code?: string;
  /** More for plainchat.json. */
  state?: object;
  lineBreak?: string;
}

/** A learner who has begun, at a port of their own, and has answered the questions of both lessons. */
export async function learner(
  t: TestContext,
  { language = "python", code, state = {}, lineBreak }: Begin = {},
): Promise<Learner> {
  const course = await smallCourse(t, lineBreak);
  const here = await machine(t, "http://127.0.0.1:1");
  const folder = join(await temporaryFolder(t), "server");
  Object.assign(here.environment, { PLAINCHAT_COURSE: course, LC_ALL: "C.UTF-8", LANG: "C.UTF-8" });
  const { file, starter } = SERVERS[language];
  const port = await freePort();
  const start = `${language === "python" ? "python3" : "node"} ${file} {port} {folder}`;
  const begun = { language, file, start, port, lesson: 1, passed: {}, hints: {}, asked: [1, 2], ...state };
  await mkdir(folder);
  await writeFile(join(folder, file), code ?? starter);
  await writeFile(join(folder, "plainchat.json"), JSON.stringify(begun));
  return {
    here,
    course,
    folder,
    server: join(folder, file),
    port,
    learn: (options = [], how = {}) => here.terminalWith(how, "learn", folder, ...options),
    once: (...options) => here.run(["learn", folder, "--once", ...options]),
  };
}

/** All that is on the screen, with single blanks. */
export function words(screen: string[]): string {
  return screen.join(" ").replace(/\s+/g, " ");
}

/** Waits until these words are on the screen. */
export async function until(terminal: PseudoTerminal, ...texts: string[]): Promise<void> {
  for (const each of texts) await terminal.until((screen) => words(screen).includes(each), each);
}

/** Waits until the keys are shown: `plainchat learn` waits for the learner. */
export async function isReady(terminal: PseudoTerminal, lesson = 1): Promise<void> {
  await terminal.until((screen) => screen.at(-1)?.startsWith(`[${lesson}]  Enter run`) === true, "the keys");
}
