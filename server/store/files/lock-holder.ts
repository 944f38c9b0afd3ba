/**
 * Says which process holds a lock, for the message of lock.ts. Only Linux tells this. In a container the process may be
 * one that cannot be seen from here. Then there is no answer, and nothing may depend on one.
 */
import { readFileSync, statSync } from "node:fs";

/** `1: POSIX  ADVISORY  WRITE 20378 fe:00:2244617 1073741824 1073742335`: process, device in hex, inode. */
const LINE_OF_A_LOCK = /^\d+: POSIX +\w+ +\w+ +(\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) /;

/** @returns the process, and the number of the user that it belongs to. */
export function holderOf(path: string): { pid: number; uid: number } | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    for (const line of readFileSync("/proc/locks", "utf8").split("\n")) {
      const [, pid = "", major = "", minor = "", inode = ""] = LINE_OF_A_LOCK.exec(line) ?? [];
      if (inode === String(ino) && isDevice(dev, Number.parseInt(major, 16), Number.parseInt(minor, 16))) {
        return { pid: Number(pid), uid: statSync(`/proc/${pid}`).uid };
      }
    }
  } catch {
    // There is no /proc, or the process has just ended.
  }
  return undefined;
}

/** Whether stat(2) means this device: it puts both numbers into one, the minor in two parts. */
function isDevice(dev: bigint, major: number, minor: number): boolean {
  const number = Number(dev);
  return ((number >> 8) & 0xfff) === major && ((number & 0xff) | ((number >> 12) & 0xfff00)) === minor;
}
