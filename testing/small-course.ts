/**
 * A course of two lessons, for tests of the page and its routes that must not depend on what the real lessons say.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { temporaryFolder } from "./temporary-folder.ts";

type Test = Parameters<typeof temporaryFolder>[0];

const TEXT = `# Lesson 2: Words for machines

## The idea

A program reads **JSON**. See the [specification](../../../docs/spec.md) and [serve.ts](../../../server/serve.ts).
<script>alert("no")</script>

![Two boxes](boxes.svg)

## Your task

- Answer with JSON.
- Say so in \`Content-Type\`.

\`\`\`sh
plainchat check :8000 --lesson 2
\`\`\`

## Hints

### Hint 1

Look at the first line.

### Hint 2

A library writes it:

\`\`\`python
json.dumps({"userId": 1, "authToken": "this-is-a-token-that-is-rather-long-so-that-it-does-not-fit-on-a-small-screen"})
\`\`\`

## How plainchat does it

In one line.
`;

const LESSON = {
  lesson: 2,
  title: { en: "Words for machines", de: "Worte für Maschinen" },
  minutes: 30,
  tryWith: ["curl -i http://127.0.0.1:8080/healthz"],
  plainchat: [{ file: "server/steps/checks.ts", text: "const x = 1;", en: "It counts.", de: "Es zählt." }],
  predict: {
    server: {
      change: { find: "return 200", replace: "return 201" },
      case: "register",
      en: "Which check fails first? `return`",
      de: "Welche Prüfung scheitert zuerst?",
      explain: { en: "201 is another number.", de: "201 ist eine andere Zahl." },
    },
    trace: {
      request: "curl -i http://127.0.0.1:8080/api/v1/register -d 'hello'",
      step: "register.post.1.1",
      en: "At which step does it stop?",
      de: "Bei welchem Schritt hört es auf?",
    },
  },
};

const STARTERS = {
  starters: {
    python: {
      name: "Python",
      file: "server.py",
      start: "python3 server.py {port} {folder}",
      install: { en: "Install Python 3.", de: "Installiere Python 3." },
    },
  },
};

/** @returns the folder of the course, for startApp(). */
export async function smallCourse(test: Test): Promise<URL> {
  const root = await temporaryFolder(test);
  const files: Record<string, string> = {
    "lessons/01-somebody-answers/lesson.json": JSON.stringify({
      ...LESSON,
      lesson: 1,
      title: { en: "Somebody answers", de: "Jemand antwortet" },
      predict: {},
    }),
    "lessons/01-somebody-answers/en.md": "# Lesson 1\n\n## The idea\n\nSomebody answers.\n",
    "lessons/01-somebody-answers/de.md": "# Lektion 1\n\n## Die Idee\n\nJemand antwortet.\n",
    "lessons/02-words-for-machines/lesson.json": JSON.stringify(LESSON),
    "lessons/02-words-for-machines/en.md": TEXT,
    "lessons/02-words-for-machines/de.md": TEXT.replace("The idea", "Die Idee"),
    "lessons/02-words-for-machines/boxes.svg":
      '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>',
    "starters/starters.json": JSON.stringify(STARTERS),
    "starters/python/server.py": "print('hello')\n",
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return pathToFileURL(`${root}/`);
}
