import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { atEnd } from "./at-end.ts";
import { endsWithUs } from "./ends-with-us.ts";

/** Starts a program that would run for ever, says its id, and waits. */
const TEST = `
import { spawn } from "node:child_process";
import { endsWithUs } from ${JSON.stringify(new URL("./ends-with-us.ts", import.meta.url).href)};
const [command, ...args] = [...endsWithUs("KILL"), process.execPath, "-e", "setInterval(() => {}, 1000)"];
console.log(spawn(command, args, { stdio: ["ignore", "inherit", "ignore"] }).pid);
setInterval(() => {}, 1000);
`;

test("a program ends with the process that started it, even if that one is killed", {
  skip: endsWithUs("KILL").length === 0 && "this system cannot do that",
}, async (t) => {
  const starter = spawn(process.execPath, ["--input-type=module", "-e", TEST], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  atEnd(t, () => starter.kill("SIGKILL"));
  const [said] = await once(starter.stdout, "data");
  const pid = Number(said);
  atEnd(t, () => {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended, as it should.
    }
  });
  // Both write to this pipe, so it closes when both have ended.
  const closed = once(starter.stdout, "close", { signal: AbortSignal.timeout(10_000) });
  starter.kill("SIGKILL");
  await closed;
});
