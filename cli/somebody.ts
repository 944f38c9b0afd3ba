/**
 * Who runs a command: their identity on this computer, and a client for it.
 */
import type { Command } from "commander";
import { PlainchatClient } from "../client/plainchat-client.ts";
import { helpWhenUnreachable } from "./cli-error.ts";
import { addressFrom, type GlobalOptions } from "./context.ts";
import { Identities, type Identity, isSameServer } from "./identities.ts";
import { tell } from "./output.ts";
import { commandLine } from "./shell-word.ts";

/** Somebody waits at the terminal, so a command gives up after 15 seconds if the server does not answer. */
export const PATIENCE = { attempts: 3, timeoutSeconds: 5 };

export interface Somebody {
  /** The name of their identity on this computer. */
  name: string;
  identity: Identity;
  identities: Identities;
  client: PlainchatClient;
}

/** Says which identities cannot be used. */
export function tellProblems({ problems }: Identities): void {
  for (const problem of problems) tell(`Note: ${problem}.`);
}

/**
 * Whether the user typed for this very command who they are and where the server is. A variable may have been set long
 * ago, for another server.
 */
export function isTyped(command: Command): boolean {
  return ["as", "url"].every((option) => command.getOptionValueSourceWithGlobals(option) === "cli");
}

/** The identity that runs this command. @throws {CliError} when nobody is registered here. */
export async function whoRuns(command: Command): Promise<Somebody> {
  const { as, url } = command.optsWithGlobals<GlobalOptions>();
  const identities = await Identities.load();
  const address = url === undefined ? undefined : addressFrom(url);
  const { name, identity } = identities.get(as, address, isTyped(command));
  tellProblems(identities);
  if (address === undefined || isSameServer(address, identity.url)) {
    const options = as === undefined ? {} : { "--as": name };
    helpWhenUnreachable(`If it has a new address: ${commandLine("move", ["ADDRESS"], options)}`);
  }
  const client = new PlainchatClient(address ?? identity.url, { credentials: identity, ...PATIENCE });
  return { name, identity, identities, client };
}
