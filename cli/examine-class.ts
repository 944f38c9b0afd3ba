/**
 * What the doctor looks at in the folder `class`: keys, the teacher, and the files about pupils. It reads them as the
 * server does at its start, and changes nothing.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { NOTHING_KNOWN, readClass } from "../server/store/class/read-class.ts";
import { ABOUT_PUPILS, type ClassFileName, type Paths, TEMPORARY_PREFIX } from "../server/store/files/paths.ts";
import { count } from "./context.ts";
import type { Finding } from "./finding.ts";

/** What the next start does about a damaged file. */
const ADVICE: Partial<Record<ClassFileName, string>> = {
  "keys.json":
    "The next start makes new keys, and the earlier addresses of the teacher and of the projector no longer work. If you know the old ones, put the file right first.",
  "teacher.dat": "The next start sets it aside. Then open the teacher's page, to become the teacher again.",
  "lesson.dat": "The next start sets it aside. Then choose the lesson again.",
};

/** @param isServed whether a server is using the folder: it puts right what is damaged. */
export async function examineClass(paths: Paths, isServed: boolean): Promise<Finding[]> {
  if (!existsSync(paths.class)) return [];
  const { known, damage } = readClass(paths, NOTHING_KNOWN);
  const findings: Finding[] = [];
  const note = (what: string, advice: string) => findings.push({ verdict: "note", what, advice });
  if (!isServed) {
    for (const name of damage.files) {
      const advice = ADVICE[name] ?? "The next start sets it aside.";
      findings.push({ verdict: "bad", what: `class/${name} is damaged`, advice });
    }
    for (const about of damage.noFolders) {
      const advice = "The next start moves it to class/aside, and makes the folder.";
      findings.push({ verdict: "bad", what: `class/${about} must be a folder, and it is a file`, advice });
    }
    for (const userId of damage.progress) {
      const advice = "The next start sets it aside. It comes again when the pupil runs the check.";
      findings.push({ verdict: "bad", what: `class/progress/${userId}.json is damaged`, advice });
    }
    // The keys stay with the server when a class is put away.
    for (const name of paths.isArchive ? [] : damage.missingFiles) {
      note(`class/${name} is missing`, "The next start in class mode makes a new one.");
    }
  }
  const isUser = (userId: number) => existsSync(paths.tokenFile(userId));
  const { teacherId } = known;
  if (teacherId !== undefined && !isUser(teacherId)) {
    const advice = "Has the teacher left? Then open the teacher's page, to become the teacher again.";
    note(`class/teacher.dat names user ${teacherId}, who does not exist`, advice);
  }
  const ofNobody = ABOUT_PUPILS.flatMap((about) =>
    [...known.pupils[about]].filter((userId) => !isUser(userId)).map((userId) => `class/${about}/${userId}.json`),
  );
  if (ofNobody.length > 0) {
    note(
      `${count(ofNobody.length, "file")} about users who do not exist. First: ${ofNobody[0]}`,
      "You can remove them.",
    );
  }
  const strange = await strangeFiles(paths);
  if (strange.length > 0) {
    const advice = "The server never reads them. Move them somewhere else.";
    note(`${count(strange.length, "file")} that no server has made. First: ${strange[0]}`, advice);
  }
  return findings.length > 0 ? findings : [{ verdict: "good", what: "The files of the class are undamaged" }];
}

/** Files with other names than the server's. What a crash has left, the next start removes. */
async function strangeFiles(paths: Paths): Promise<string[]> {
  const found: string[] = [];
  for (const folder of ["class", ...ABOUT_PUPILS.map((about) => `class/${about}`)]) {
    const entries = await readdir(`${paths.root}/${folder}`, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.isDirectory() || entry.name.startsWith(TEMPORARY_PREFIX)) continue;
      if (paths.fileOfClass(folder, entry.name) === undefined) found.push(`${folder}/${entry.name}`);
    }
  }
  return found;
}
