/**
 * plainchat serve: run the server, as `npm start` does.
 */
import type { Command } from "commander";
import { HELP } from "../../server/settings.ts";

export function addServe(program: Command): void {
  program
    .command("serve")
    .summary("run the server")
    .description("Runs the server until Ctrl-C. It takes the flags of npm start.")
    .argument("[flags...]", "such as --root DIR --port N --class")
    .allowUnknownOption()
    .helpOption(false)
    .action(async (flags: string[]) => {
      if (flags.includes("--help") || flags.includes("-h")) {
        console.log(HELP.replace("npm start --", "plainchat serve"));
        return;
      }
      // Loaded only here: the other commands start in half the time without it.
      const { serve } = await import("../../server/serve.ts");
      await serve(flags, process.env);
    });
}
