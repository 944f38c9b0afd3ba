/**
 * plainchat register HANDLE: become a user, and be known on this machine from here on.
 */
import type { Command } from "commander";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { addressFrom, classSecret, DEFAULT_URL, examples, type GlobalOptions, PATIENCE, print } from "../context.ts";
import { Identities } from "../identities.ts";

export function addRegister(program: Command): void {
  program
    .command("register")
    .summary("become a user")
    .description("Registers a handle with the class secret, and keeps the token on this machine.")
    .argument("<handle>", "the name that you want, 3 to 64 characters")
    .option("--secret <secret>", "the class secret (PLAINCHAT_SECRET; otherwise you are asked)")
    .option("--replace", "forget the identity that this machine has under that name")
    .addHelpText(
      "after",
      examples(
        ["register ada", "asks for the class secret"],
        ["register ada --url http://192.168.1.20:8080", "at the teacher's machine"],
        ["register grace --as second", "a second identity: use it with --as second"],
      ),
    )
    .action(async (userHandle: string, options: { secret?: string; replace?: true }, command: Command) => {
      const { url: typed = DEFAULT_URL, as: name = userHandle } = command.optsWithGlobals<GlobalOptions>();
      const url = addressFrom(typed);
      const identities = await Identities.load();
      if (identities.find(name) !== undefined && options.replace !== true) {
        throw new CliError(
          `You are known as "${name}" on this machine already. Choose another name with --as, or --replace it`,
          EXIT.usage,
        );
      }
      if (name.trim() === "") throw new CliError("A name for --as is wanted, such as --as second", EXIT.usage);
      await identities.mustBeWritable();
      const secret = await classSecret(options.secret);
      const client = new PlainchatClient(url, PATIENCE);
      const { userId, authToken } = await client.registerUser({ secret, userHandle });
      await identities.add(name, { url, userHandle, myId: userId, myAuth: authToken });
      const others = identities.names.filter((each) => each !== name);
      const hint =
        others.length === 0 ? "" : ` Commands are ${name}'s from here on; --as ${others.at(-1)} is another you.`;
      const text = `You are ${userHandle}, user ${userId}, at ${url}.${hint}`;
      print(command, { userId, userHandle, url, identity: name }, text);
    });
}
