/**
 * What the doctor looks at. Each finding says what to do if something is wrong. The examination must not change
 * anything; the files that it makes to try something out are removed again.
 */
import { access, constants, link, mkdtemp, open, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { problemOfSecret } from "../server/steps/class-secret-problem.ts";
import { isCode } from "../server/store/error-code.ts";
import { syncFolder } from "../server/store/files/durable-file.ts";
import { journalNumbersIn, Paths } from "../server/store/files/paths.ts";
import { isUnfinished } from "../server/store/files/unfinished-move.ts";
import { visitRecords } from "../server/store/journal/lines.ts";
import { ClassSecret } from "../server/store/users/class-secret.ts";
import { sentenceIn } from "./cli-error.ts";
import { count } from "./context.ts";
import { askToLook, isLocked } from "./data-folder.ts";
import { examineClass } from "./examine-class.ts";
import { examineAddresses, examineLocalName, examinePort } from "./examine-network.ts";
import type { Finding } from "./finding.ts";

type Progress = (done: number, of: number) => void;

const MEBIBYTE = 1024 * 1024;
const LITTLE_SPACE_BYTES = 100 * MEBIBYTE;
const SYNCS = 10;
const SLOW_SYNC_MILLISECONDS = 50;
const SERVED: Finding = { verdict: "good", what: "A server is using this folder" };

const NOT_A_NETWORK_DRIVE = "Locks and syncs are not reliable on network drives. Choose a local disk with --root.";

/** File systems by the number that Linux gives them (statfs(2)). */
const FILE_SYSTEMS: Record<number, { name: string; verdict: "good" | "note" | "bad"; advice?: string }> = {
  61267: { name: "ext4", verdict: "good" },
  1481003842: { name: "xfs", verdict: "good" },
  2435016766: { name: "btrfs", verdict: "good" },
  801189825: { name: "zfs", verdict: "good" },
  2035054128: {
    name: "overlayfs",
    verdict: "note",
    advice: "In a container, put the data on a volume. Files here are deleted with the container.",
  },
  16914836: {
    name: "tmpfs",
    verdict: "note",
    advice: "This folder is in memory (RAM), not on a disk. All data is lost when the computer is switched off.",
  },
  26985: {
    name: "NFS",
    verdict: "bad",
    advice: NOT_A_NETWORK_DRIVE,
  },
  4283649346: {
    name: "SMB",
    verdict: "bad",
    advice: NOT_A_NETWORK_DRIVE,
  },
  4266872130: {
    name: "SMB2",
    verdict: "bad",
    advice: NOT_A_NETWORK_DRIVE,
  },
  16914839: {
    name: "9p",
    verdict: "bad",
    advice: "This folder is on another computer. Choose a local disk with --root.",
  },
  1702057286: {
    name: "FUSE",
    verdict: "note",
    advice: "This file system is only as reliable as the program behind it.",
  },
  19780: {
    name: "FAT",
    verdict: "bad",
    advice: "The server needs links, and FAT does not have them. Choose another disk with --root.",
  },
};

export async function examine(root: string, port: number, progress: Progress): Promise<Finding[]> {
  const findings = [...(await examineFolder(root)), ...(await examineData(root, progress))];
  // Nobody starts a server on a class that was put away.
  if (new Paths(root).isArchive) return findings;
  const onNetwork = [await examinePort(port, root), await examineAddresses(port, root)];
  return [...findings, ...onNetwork, ...(await examineLocalName(port, root))];
}

async function examineFolder(root: string): Promise<Finding[]> {
  const folder = await nearestFolder(root);
  const where = folder === root ? root : `${folder} (where ${root} will be created)`;
  let trial: string;
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    trial = await mkdtemp(join(folder, ".doctor-"));
  } catch {
    return [
      {
        verdict: "bad",
        what: `${where} is not writable`,
        advice: "Make the user who runs the server the owner of this folder, or choose another folder with --root.",
      },
    ];
  }
  const findings: Finding[] = [{ verdict: "good", what: `${where} is writable` }];
  try {
    findings.push(await examineFileSystem(folder));
    findings.push(await examinePromises(trial));
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
  return findings;
}

/** The folder itself, or the nearest folder above it that exists. */
async function nearestFolder(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch {
    return nearestFolder(dirname(path));
  }
}

async function examineFileSystem(folder: string): Promise<Finding> {
  const { type, bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < LITTLE_SPACE_BYTES) {
    return {
      verdict: "bad",
      what: `The disk has only ${(free / MEBIBYTE).toFixed(0)} MiB free`,
      advice: "Free some space, or choose another disk with --root.",
    };
  }
  const known = process.platform === "linux" ? FILE_SYSTEMS[type] : undefined;
  const space = `${(free / MEBIBYTE / 1024).toFixed(1)} GiB free`;
  if (known === undefined) return { verdict: "good", what: `The disk has ${space}` };
  return {
    verdict: known.verdict,
    what: `The file system is ${known.name}, with ${space}`,
    ...(known.advice !== undefined && { advice: known.advice }),
  };
}

/** Tries the operations that the store relies on, in a separate folder. */
async function examinePromises(folder: string): Promise<Finding> {
  const [one, other] = [join(folder, "one"), join(folder, "other")];
  const handle = await open(one, "wx", 0o600);
  let milliseconds: number;
  try {
    await handle.writeFile("x");
    const began = performance.now();
    for (let i = 0; i < SYNCS; i++) {
      await handle.appendFile("x");
      await handle.datasync();
    }
    milliseconds = (performance.now() - began) / SYNCS;
    await link(one, other);
    const again = await link(one, other).then(
      () => "linked twice",
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (again !== "EEXIST") throw new Error("two files can get the same name");
    await rename(other, one);
    await syncFolder(folder);
  } catch (error) {
    const reason = sentenceIn(error);
    return {
      verdict: "bad",
      what: `The file system is not reliable: ${reason}`,
      advice: "Choose a local disk with --root.",
    };
  } finally {
    await handle.close();
  }
  const speed = `links, renames and syncs work, and a sync takes ${milliseconds.toFixed(1)} ms`;
  if (milliseconds < SLOW_SYNC_MILLISECONDS) return { verdict: "good", what: `The file system is reliable: ${speed}` };
  return {
    verdict: "note",
    what: `The disk is slow: ${speed}`,
    advice: "It is fast enough for a class. But if only one person is writing, each message has to wait for the disk.",
  };
}

async function examineData(root: string, progress: Progress): Promise<Finding[]> {
  const paths = new Paths(root);
  const isServed = isLocked(paths);
  // The server looks first: it knows what it wrote, and puts right what somebody has changed.
  const findings = isServed ? [SERVED, ...(await examineChanges(root))] : [];
  let names: string[];
  try {
    names = await readdir(paths.messages);
  } catch (error) {
    if (isCode(error, "ENOTDIR")) {
      const advice = "Move it away. Without it, the start makes a new folder.";
      return [...findings, { verdict: "bad", what: `${paths.messages} must be a folder, and it is a file`, advice }];
    }
    if (!isCode(error, "ENOENT")) {
      const advice = "Run this as the user who runs the server.";
      return [{ verdict: "bad", what: `You cannot read the files in ${root}`, advice }];
    }
    return [...findings, { verdict: "good", what: "There is no data yet; the first start creates it" }];
  }
  if (!isServed) findings.push({ verdict: "good", what: "No server is using this folder" });
  if (!isServed && (await isUnfinished(paths))) {
    const advice = "Move it again, or remove the folder. What was moved is unchanged.";
    return [...findings, { verdict: "bad", what: `A move into ${root} was interrupted`, advice }];
  }
  const problem = problemOfSecret(new ClassSecret(paths).read());
  if (problem !== undefined) findings.push({ verdict: "bad", ...problem });
  findings.push(await examineJournal(paths, names, isServed, progress));
  findings.push(...(await examineClass(paths, isServed)));
  for (const folder of [paths.aside, paths.usersAside, paths.classAside]) {
    const aside = await readdir(folder).catch(() => []);
    if (aside.length === 0) continue;
    findings.push({
      verdict: "note",
      what: `${count(aside.length, "damaged file")} in ${folder}`,
      advice: "The server moved them there. Look at them, then move them somewhere else.",
    });
  }
  return findings;
}

/** What the running server finds in its files, and says about changes by hand since its start. */
async function examineChanges(root: string): Promise<Finding[]> {
  try {
    return (await askToLook(root)).map((what) => ({ verdict: "note", what }));
  } catch (error) {
    return [{ verdict: "bad", what: `The server cannot be asked to look at its files: ${sentenceIn(error)}` }];
  }
}

async function examineJournal(paths: Paths, names: string[], isServed: boolean, progress: Progress): Promise<Finding> {
  const numbers = journalNumbersIn(names);
  const noFile = await findNoFile(numbers.map((number) => paths.journalFile(number)));
  if (noFile !== undefined) {
    const advice = "It is a folder, or a link that leads nowhere. The next start moves it to messages/aside.";
    return { verdict: "bad", what: `${noFile} is no file that can be read`, advice };
  }
  const sizes = await Promise.all(numbers.map(async (number) => (await stat(paths.journalFile(number))).size));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  let [done, lines] = [0, 0];
  const damaged: string[] = [];
  for (const [i, number] of numbers.entries()) {
    const advance = (bytes: number) => {
      done += bytes;
      progress(done, all);
    };
    await visitRecords(
      paths.journalFile(number),
      {
        onRecord(_record, line) {
          lines++;
          advance(line.length);
        },
        onBad(line, offset) {
          // The end of the newest file may still be on its way to the disk, or a crash may have cut it short. The next
          // start of the server removes it.
          const isTail = number === numbers.at(-1) && offset + line.length >= (sizes[i] ?? 0);
          if (!isTail) damaged.push(`${paths.journalFileName(number)} at byte ${offset}`);
          advance(line.length);
        },
      },
      sizes[i],
    );
  }
  if (damaged.length === 0) return { verdict: "good", what: `All ${lines} lines of the journal are undamaged` };
  return {
    verdict: "bad",
    what: `${count(damaged.length, "damaged line")} in the journal. First: ${damaged[0]}`,
    advice: isServed
      ? "Somebody is changing the files at this moment. The server puts them right. Run doctor again."
      : "Has somebody changed it by hand? Then undo that first: the message of a changed line is gone after the next start. The start keeps all good lines, and a copy of the file in messages/aside.",
  };
}

async function findNoFile(paths: string[]): Promise<string | undefined> {
  for (const path of paths) {
    if ((await stat(path).catch(() => undefined))?.isFile() !== true) return path;
  }
  return undefined;
}
