/**
 * plainchat move ADDRESS: the server has a new address, for example on another Wi-Fi, and the identity on this computer
 * follows. It is the only command that changes where a token goes, so it first asks the new server, without the token,
 * whether it knows this user: a classmate's server at a mistyped address does not.
 *
 * plainchat move --from STORE --to STORE: the data of a server get a new place. Nobody can mistake one for the other:
 * an address alone is about yourself, and the two options are about data.
 */
import type { Command } from "commander";
import { ChatError } from "../../client/chat-error.ts";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import type { Classroom } from "../../client/types.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { addressFrom, examples, type GlobalOptions, print } from "../context.ts";
import { Identities, type Identity, isSameServer, listed } from "../identities.ts";
import { LAUNCHER } from "../launcher.ts";
import { commandLine } from "../shell-word.ts";
import { PATIENCE, tellProblems } from "../somebody.ts";
import { line } from "../styled.ts";

/** The list of a class has no more users. */
const MAX_LISTED = 500;

interface MoveOptions {
  yes?: true;
  from?: string;
  to?: string;
}

export function addMove(program: Command): void {
  program
    .command("move")
    .summary("follow the server to a new address, or move its data to a database")
    .description(
      "The server has a new address, for example on another Wi-Fi: from now on, your id and token go there. In class " +
        "mode, plainchat first looks whether the server there knows you, before it sends your token.\n\n" +
        "For the person who runs the server: --from and --to move all data from a folder to a PostgreSQL database, or " +
        "back. Stop the server first. Everything is checked, and what you move from stays as it is.",
    )
    .argument("[address]", "the new address of the server")
    .option("--yes", "send the token, even if the server there does not list you")
    .option("--from <store>", "where the data is: a folder, or the address of a database")
    .option("--to <store>", "where the data goes: a database without tables, or a new folder")
    .addHelpText(
      "after",
      examples(
        ["move 192.168.1.20:8080", "the server has this address now"],
        ["move plainchat.local:8080", "by its name, which stays the same"],
        ["move 192.168.1.20:8080 --as second", "move another identity"],
        ["move --from data --to postgres://host/chat", "move the data of a server to a database"],
        ["move --from postgres://host/chat --to data", "and back to a folder"],
      ),
    )
    .action(async (typed: string | undefined, { yes, from, to }: MoveOptions, command: Command) => {
      if (from !== undefined || to !== undefined) {
        if (from !== undefined && to !== undefined && typed === undefined) {
          const { moveData } = await import("../move-data.ts");
          return moveData(from, to, command);
        }
        const sentence = "To move the data of a server, use both --from and --to, and no address";
        throw new CliError(`${sentence}. To follow a server, give only its address`, EXIT.usage);
      }
      if (typed === undefined) throw new CliError(`Where is the server now? ${LAUNCHER} move ADDRESS`, EXIT.usage);
      const url = addressFrom(typed);
      const { as } = command.optsWithGlobals<GlobalOptions>();
      const identities = await Identities.load();
      tellProblems(identities);
      const { name, identity } = identities.get(as);
      if (yes !== true) await mustKnow(url, identity);
      await identities.mustBeWritable();
      const { myId } = identity;
      const client = new PlainchatClient(url, { credentials: identity, ...PATIENCE });
      const { users } = await client.listUsers({ after: myId - 1, limit: 1 });
      const userHandle = users.find(({ userId }) => userId === myId)?.userHandle ?? identity.userHandle;
      await identities.put(name, { ...identity, url, userHandle });
      print(
        command,
        { userId: myId, userHandle, url, before: identity.url, identity: name },
        line`You are ${userHandle}, user ${myId}, at ${url}.${leftBehind(identities, identity.url, url)}${variable(url)}`,
      );
    });
}

/** A variable of the terminal counts more than what is saved. */
function variable(url: string): string {
  const { PLAINCHAT_URL: set } = process.env;
  if (set === undefined || isSameServer(addressFrom(set), url)) return "";
  return ` PLAINCHAT_URL is still ${set} in this terminal: give it the new address, or remove it.`;
}

/** The identities that still have the old address. */
function leftBehind(identities: Identities, before: string, url: string): string {
  if (isSameServer(before, url)) return "";
  const left = identities.names.filter((each) => isSameServer(identities.find(each)?.url ?? url, before));
  const commands = left.map((each) => commandLine("move", [url], { "--as": each }));
  return commands.length === 0 ? "" : ` Still at ${before}: ${listed(left)}. To move them, too: ${commands.join("; ")}`;
}

/** Asks a server who is there, without a token. @throws {CliError} if it says that this user is not. */
async function mustKnow(url: string, { myId, userHandle }: Identity): Promise<void> {
  const info = await classAt(url);
  // Without class mode, a server tells nobody who its users are.
  if (info === undefined) return;
  const there = info.users.find(({ userId }) => userId === myId);
  if (there?.userHandle === userHandle) return;
  if (there === undefined && info.users.length >= MAX_LISTED) return;
  const who = there === undefined ? `has no user ${myId}` : `calls user ${myId} "${there.userHandle}"`;
  throw new CliError(
    `The server at ${url} ${who}, and you are "${userHandle}", user ${myId}. So it is probably another server, and your token was not sent. If it is yours all the same, add --yes`,
    EXIT.nobody,
  );
}

async function classAt(url: string): Promise<Classroom | undefined> {
  try {
    return await new PlainchatClient(url, PATIENCE).readClass();
  } catch (error) {
    if (error instanceof ChatError && error.status === 404) return undefined;
    throw error;
  }
}
