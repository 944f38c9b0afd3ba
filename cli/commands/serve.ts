/**
 * plainchat serve: runs the server, as `npm start` does.
 */
import type { Command } from "commander";
import { pathFrom } from "../context.ts";
import { LAUNCHER } from "../launcher.ts";
import { say } from "../output.ts";

export function addServe(program: Command): void {
  program
    .command("serve")
    .summary("run the server")
    .description("Runs the server until Ctrl-C. It has the same flags as npm start.")
    .argument("[flags...]", "for example --root DIR --port N --class")
    .allowUnknownOption()
    .helpOption(false)
    .action(async (flags: string[]) => {
      if (flags.includes("--help") || flags.includes("-h")) {
        const { HELP } = await import("../../server/settings.ts");
        say(HELP.replace("npm start --", `${LAUNCHER} serve`));
        return;
      }
      const { serve } = await import("../../server/serve.ts");
      await serve(flags.map(asTyped), { ...process.env, ...rootFromCaller() });
    });
}

/** A relative path starts at the caller's folder, as in the other commands, and not at the folder of this program. */
function asTyped(flag: string, i: number, flags: string[]): string {
  if (flags[i - 1] === "--root" && !flag.startsWith("-")) return pathFrom(flag);
  return flag.startsWith("--root=") ? `--root=${pathFrom(flag.slice("--root=".length))}` : flag;
}

function rootFromCaller(): { PLAINCHAT_ROOT?: string } {
  const { PLAINCHAT_ROOT } = process.env;
  return PLAINCHAT_ROOT === undefined ? {} : { PLAINCHAT_ROOT: pathFrom(PLAINCHAT_ROOT) };
}
