/**
 * Saves a new identity on this computer: for register, rejoin and `class teacher`. Everything that can go wrong here is
 * found out before the server is asked, because a token that could not be saved would be lost.
 */
import type { Command } from "commander";
import { CliError, EXIT } from "./cli-error.ts";
import { type GlobalOptions, print } from "./context.ts";
import { Identities, type Identity, isSameServer } from "./identities.ts";
import { commandLine, shellWord } from "./shell-word.ts";
import { tellProblems } from "./somebody.ts";
import { line } from "./styled.ts";

interface Registration {
  userHandle: string;
  /** The address of the server. */
  url: string;
  /** Whether the new identity may replace one with the same name. */
  mayReplace: (before: Identity | undefined) => boolean;
  /** Asks the server. The handle in the reply may be another one. */
  send: () => Promise<{ userId: number; userHandle?: string; authToken: string }>;
}

/** Asks the server for a token, saves it, and prints who that is. @throws {CliError} before it asks, if it can. */
export async function register(
  command: Command,
  { userHandle: typed, url, mayReplace, send }: Registration,
): Promise<void> {
  const { as: name = typed } = command.optsWithGlobals<GlobalOptions>();
  const identities = await Identities.load();
  tellProblems(identities);
  const before = identities.find(name);
  if (identities.has(name) && !mayReplace(before)) {
    const hasMoved =
      before === undefined || isSameServer(before.url, url)
        ? ""
        : ` It is registered at ${before.url}. If that server is now at ${url}, keep it with: ${commandLine("move", [url], { "--as": name })}`;
    throw new CliError(
      `This computer already has an identity "${name}". Choose another name with --as, or use --replace.${hasMoved}`.replace(
        /\.$/,
        "",
      ),
      EXIT.usage,
    );
  }
  if (name.trim() === "") throw new CliError("Add a name after --as, for example --as second", EXIT.usage);
  await identities.mustBeWritable();
  const { userId, userHandle = typed, authToken } = await send();
  await identities.add(name, { url, userHandle, myId: userId, myAuth: authToken });
  const others = identities.names.filter((each) => each !== name);
  const isOther = userHandle === typed ? "" : ` On this computer, your identity is called \`${name}\`.`;
  const hint =
    others.length === 0 ? "" : ` You are now \`${name}\`. Use --as ${shellWord(others.at(-1) ?? "")} to switch.`;
  print(
    command,
    { userId, userHandle, url, identity: name },
    line`You are ${userHandle}, user ${userId}, at ${url}.${isOther}${hint}`,
  );
}
