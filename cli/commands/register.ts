/**
 * plainchat register HANDLE: registers a user and saves the token on this computer.
 */
import type { Command } from "commander";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { addressFrom, classSecret, DEFAULT_URL, examples, type GlobalOptions } from "../context.ts";
import { register } from "../new-identity.ts";
import { PATIENCE } from "../somebody.ts";

export function addRegister(program: Command): void {
  program
    .command("register")
    .summary("become a user")
    .description("Registers a handle with the class secret and saves the token on this computer.")
    .argument("<handle>", "the name you want, 3 to 64 characters")
    .option("--secret <secret>", "the class secret; without it or PLAINCHAT_SECRET you are asked")
    .option("--replace", "replace the identity with this name on this computer")
    .addHelpText(
      "after",
      examples(
        ["register ada", "ask for the class secret"],
        ["register ada --url http://192.168.1.20:8080", "register on the teacher's computer"],
        ["register grace --as second", "add a second identity; use it with --as second"],
      ),
    )
    .action(async (userHandle: string, options: { secret?: string; replace?: true }, command: Command) => {
      const url = addressFrom(command.optsWithGlobals<GlobalOptions>().url ?? DEFAULT_URL);
      await register(command, {
        userHandle,
        url,
        mayReplace: () => options.replace === true,
        send: async () => {
          const secret = await classSecret(options.secret);
          return new PlainchatClient(url, PATIENCE).registerUser({ secret, userHandle });
        },
      });
    });
}
