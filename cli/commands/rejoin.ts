/**
 * plainchat rejoin HANDLE CODE: comes back to a class with a code from the teacher, and saves the new token on this
 * computer.
 */
import type { Command } from "commander";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { addressFrom, DEFAULT_URL, examples, type GlobalOptions } from "../context.ts";
import { isSameServer } from "../identities.ts";
import { register } from "../new-identity.ts";
import { PATIENCE } from "../somebody.ts";

export function addRejoin(program: Command): void {
  program
    .command("rejoin")
    .summary("come back to a class with a code")
    .description(
      "If you have lost your token, the teacher can make a code for you. With it you get a new token, which is saved on " +
        "this computer. Your messages are still there. The old token stops working, on all your computers.",
    )
    .argument("<handle>", "your handle")
    .argument("<code>", "the code from the teacher; capital and small letters are the same")
    .option("--replace", "replace the identity with this name on this computer")
    .addHelpText(
      "after",
      examples(
        ["rejoin ada K7Q2MX", "be ada again"],
        ["rejoin ada K7Q2MX --url http://192.168.1.20:8080", "on the teacher's computer"],
      ),
    )
    .action(async (userHandle: string, rejoinCode: string, { replace }: { replace?: true }, command: Command) => {
      const url = addressFrom(command.optsWithGlobals<GlobalOptions>().url ?? DEFAULT_URL);
      await register(command, {
        userHandle,
        url,
        // The token of this identity stops working, so there is nothing to lose.
        mayReplace: (before) =>
          replace === true || (before?.userHandle === userHandle && isSameServer(before.url, url)),
        send: async () => {
          const { userId, authToken } = await new PlainchatClient(url, PATIENCE).rejoin({ userHandle, rejoinCode });
          return { userId, authToken };
        },
      });
    });
}
