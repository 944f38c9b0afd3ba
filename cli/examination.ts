/**
 * What the doctor looks at: one finding after the other, each with what to do where something is wrong. Nothing is
 * changed by looking; files that are made to try something out are removed again.
 */
import { access, constants, link, mkdtemp, open, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { networkAddresses } from "../server/http/routes/network-addresses.ts";
import { problemOfSecret } from "../server/steps/checks.ts";
import { isCode, syncFolder } from "../server/store/files/durable-file.ts";
import { journalNumbersIn, Paths } from "../server/store/files/paths.ts";
import { visitLines } from "../server/store/journal/lines.ts";
import { isIntact } from "../server/store/journal/record.ts";
import { ClassSecret } from "../server/store/users/class-secret.ts";
import { sentenceIn } from "./cli-error.ts";
import { isLocked } from "./data-folder.ts";

export interface Finding {
  /** "note": fine for trying things out, or worth knowing. */
  verdict: "good" | "note" | "bad";
  what: string;
  advice?: string;
}

type Progress = (done: number, of: number) => void;

const MEBIBYTE = 1024 * 1024;
const LITTLE_SPACE_BYTES = 100 * MEBIBYTE;
const SYNCS = 10;
const SLOW_SYNC_MILLISECONDS = 50;

/** File systems by the number that Linux gives them (statfs(2)). */
const FILE_SYSTEMS: Record<number, { name: string; verdict: "good" | "note" | "bad"; advice?: string }> = {
  61267: { name: "ext4", verdict: "good" },
  1481003842: { name: "xfs", verdict: "good" },
  2435016766: { name: "btrfs", verdict: "good" },
  801189825: { name: "zfs", verdict: "good" },
  2035054128: {
    name: "overlayfs",
    verdict: "note",
    advice: "In a container, put the data on a volume: what is here is gone with the container.",
  },
  16914836: {
    name: "tmpfs",
    verdict: "note",
    advice: "This is memory: all data are gone when the machine is switched off.",
  },
  26985: {
    name: "NFS",
    verdict: "bad",
    advice: "Network drives do not keep the promises of locks and syncs. Choose a local disk with --root.",
  },
  4283649346: {
    name: "SMB",
    verdict: "bad",
    advice: "Network drives do not keep the promises of locks and syncs. Choose a local disk with --root.",
  },
  4266872130: {
    name: "SMB2",
    verdict: "bad",
    advice: "Network drives do not keep the promises of locks and syncs. Choose a local disk with --root.",
  },
  16914839: {
    name: "9p",
    verdict: "bad",
    advice: "This folder belongs to another machine. Choose a local disk with --root.",
  },
  1702057286: {
    name: "FUSE",
    verdict: "note",
    advice: "What this file system promises depends on the program behind it.",
  },
  19780: {
    name: "FAT",
    verdict: "bad",
    advice: "FAT knows no links, which the server needs. Choose another disk with --root.",
  },
};

const ANSWER_MILLISECONDS = 2000;

export async function examine(root: string, port: number, progress: Progress): Promise<Finding[]> {
  const findings = [...(await examineFolder(root)), ...(await examineData(root, progress))];
  return [...findings, await examinePort(port), await examineAddresses(port)];
}

async function examineFolder(root: string): Promise<Finding[]> {
  const folder = await nearestFolder(root);
  const where = folder === root ? root : `${folder} (where ${root} will be made)`;
  let trial: string;
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    trial = await mkdtemp(join(folder, ".doctor-"));
  } catch {
    return [
      {
        verdict: "bad",
        what: `${where} is not writable`,
        advice: "Give it to the user who runs the server, or choose another with --root.",
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

/** The folder itself, or the nearest one above it that is there. */
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
      what: `Only ${(free / MEBIBYTE).toFixed(0)} MiB are free on the disk`,
      advice: "Make room, or choose another disk with --root.",
    };
  }
  const known = process.platform === "linux" ? FILE_SYSTEMS[type] : undefined;
  const room = `${(free / MEBIBYTE / 1024).toFixed(1)} GiB are free`;
  if (known === undefined) return { verdict: "good", what: `${room} on the disk` };
  return {
    verdict: known.verdict,
    what: `The file system is ${known.name}; ${room}`,
    ...(known.advice !== undefined && { advice: known.advice }),
  };
}

/** Does what the store does to keep its promises, in a folder of its own. */
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
    if (again !== "EEXIST") throw new Error("a name can be given twice");
    await rename(other, one);
    await syncFolder(folder);
  } catch (error) {
    const reason = sentenceIn(error);
    return {
      verdict: "bad",
      what: `The file system does not keep its promises: ${reason}`,
      advice: "Choose a local disk with --root.",
    };
  } finally {
    await handle.close();
  }
  const speed = `links, renames and syncs work; a sync takes ${milliseconds.toFixed(1)} ms`;
  if (milliseconds < SLOW_SYNC_MILLISECONDS)
    return { verdict: "good", what: `The file system keeps its promises: ${speed}` };
  return {
    verdict: "note",
    what: `The disk is slow: ${speed}`,
    advice: "It will do for a class; one that is alone will wait for each message.",
  };
}

async function examineData(root: string, progress: Progress): Promise<Finding[]> {
  const paths = new Paths(root);
  let names: string[];
  try {
    names = await readdir(paths.messages);
  } catch (error) {
    if (!isCode(error, "ENOENT")) {
      const advice = "Run this as the user who runs the server.";
      return [{ verdict: "bad", what: `What is in ${root} cannot be read by you`, advice }];
    }
    return [{ verdict: "good", what: "There are no data yet: the first start makes them" }];
  }
  const findings: Finding[] = [];
  const isServed = isLocked(paths);
  findings.push({
    verdict: "good",
    what: isServed ? "A server is at work in this folder" : "No server is using this folder",
  });
  const problem = problemOfSecret(new ClassSecret(paths).open()?.text);
  if (problem !== undefined) findings.push({ verdict: "bad", what: problem, advice: "Look at users/secret.dat." });
  findings.push(await examineJournal(paths, names, isServed, progress));
  const aside = await readdir(paths.aside).catch(() => []);
  if (aside.length > 0) {
    findings.push({
      verdict: "note",
      what: `${aside.length} damaged files are set aside in ${paths.aside}`,
      advice: "Look at them, then move them away.",
    });
  }
  return findings;
}

async function examineJournal(paths: Paths, names: string[], isServed: boolean, progress: Progress): Promise<Finding> {
  const numbers = journalNumbersIn(names);
  const sizes = await Promise.all(numbers.map(async (number) => (await stat(paths.journalFile(number))).size));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  let [done, lines] = [0, 0];
  const damaged: string[] = [];
  for (const [i, number] of numbers.entries()) {
    const handle = await open(paths.journalFile(number), "r");
    try {
      await visitLines(
        handle,
        (line, offset) => {
          // The end of the newest file may be on its way to the disk, or a crash may have cut it short: a start cuts it off.
          const isTail = number === numbers.at(-1) && offset + line.length >= (sizes[i] ?? 0);
          if (isIntact(line)) lines++;
          else if (!isTail) damaged.push(`${paths.journalFileName(number)} at byte ${offset}`);
          done += line.length;
          progress(done, all);
        },
        sizes[i],
      );
    } finally {
      await handle.close();
    }
  }
  if (damaged.length === 0) return { verdict: "good", what: `All ${lines} lines of the journal are whole` };
  return {
    verdict: "bad",
    what: `${damaged.length} lines of the journal are damaged, the first in ${damaged[0]}`,
    advice: `${isServed ? "Start the server anew" : "Start the server"}: it sets the file aside and serves what is good.`,
  };
}

async function examinePort(port: number): Promise<Finding> {
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen(port, () => server.close(() => resolve(undefined)));
  });
  if (code === undefined) return { verdict: "good", what: `Port ${port} is free` };
  if (code === "EACCES")
    return {
      verdict: "bad",
      what: `Port ${port} is not allowed`,
      advice: "Ports below 1024 are the system's. Choose a greater one with --port.",
    };
  if (await isServed(`http://127.0.0.1:${port}`))
    return { verdict: "good", what: `A plainchat server answers on port ${port}` };
  return {
    verdict: "bad",
    what: `Another program listens on port ${port}`,
    advice: "Stop it, or choose another port with --port.",
  };
}

/** Whether a plainchat server answers at an address. */
async function isServed(url: string): Promise<boolean> {
  try {
    const reply = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(ANSWER_MILLISECONDS) });
    return (await reply.text()).includes('"ok"') && reply.headers.has("request-id");
  } catch {
    return false;
  }
}

async function examineAddresses(port: number): Promise<Finding> {
  const urls = networkAddresses(port);
  if (urls.length === 0) return { verdict: "note", what: "This machine is in no network: nobody else can reach it" };
  const list = urls.join(", ");
  if (!(await isServed(`http://127.0.0.1:${port}`))) {
    return {
      verdict: "good",
      what: `In its network this machine is ${list}`,
      advice: "A class reaches the server there when it was started with --class and no firewall stands between.",
    };
  }
  const answers = await Promise.all(urls.map(isServed));
  if (answers.includes(true)) {
    return {
      verdict: "good",
      what: `The class can reach the server at ${urls.filter((_, i) => answers[i]).join(", ")}`,
      advice: "If somebody cannot, a firewall stands between, or their network keeps its devices apart.",
    };
  }
  return {
    verdict: "note",
    what: `Nobody else can reach the server: it does not answer at ${list}`,
    advice: "That is as it should be for you alone. For a class, start it with --class.",
  };
}
