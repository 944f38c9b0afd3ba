/**
 * plainchat register HANDLE: registers a user and saves the token on this computer.
 */
import type { Command } from "commander";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { addressFrom, classSecret, DEFAULT_URL, examples, type GlobalOptions, print } from "../context.ts";
import { Identities } from "../identities.ts";
import { PATIENCE, tellProblems } from "../somebody.ts";

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
      const { url: typed = DEFAULT_URL, as: name = userHandle } = command.optsWithGlobals<GlobalOptions>();
      const url = addressFrom(typed);
      const identities = await Identities.load();
      tellProblems(identities);
      if (identities.has(name) && options.replace !== true) {
        throw new CliError(
          `This computer already has an identity "${name}". Choose another name with --as, or use --replace`,
          EXIT.usage,
        );
      }
      if (name.trim() === "") throw new CliError("Add a name after --as, for example --as second", EXIT.usage);
      await identities.mustBeWritable();
      const secret = await classSecret(options.secret);
      const client = new PlainchatClient(url, PATIENCE);
      const { userId, authToken } = await client.registerUser({ secret, userHandle });
      await identities.add(name, { url, userHandle, myId: userId, myAuth: authToken });
      const others = identities.names.filter((each) => each !== name);
      const hint = others.length === 0 ? "" : ` You are now \`${name}\`. Use --as ${others.at(-1)} to switch.`;
      const text = `You are ${userHandle}, user ${userId}, at ${url}.${hint}`;
      print(command, { userId, userHandle, url, identity: name }, text);
    });
}
