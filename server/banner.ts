/**
 * Makes the text that you see when the server starts: the address, the class secret, and commands to paste into a
 * terminal. serve.ts prints it. The commands must work as they are.
 */

import type { NetworkAddress } from "./http/routes/network-addresses.ts";
import { problemOfSecret, type SecretFile } from "./steps/class-secret-problem.ts";
import type { ClassKeys } from "./store/class/class-keys.ts";
import type { Users } from "./store/contract.ts";

/** People who made computing what it is. The example uses the first two whose handles are still free. */
const EXAMPLE_HANDLES = ["ada", "grace", "alan", "katherine", "dennis", "barbara", "edsger", "frances"];

interface BannerFacts {
  address: string;
  /** In class mode, the addresses of this computer on its networks. */
  classAddresses?: NetworkAddress[] | undefined;
  /** The address with the name that the server wants to have on its network. */
  className?: string | undefined;
  /** Whether the server listens on this computer only. */
  isOnlyHere: boolean;
  /** In class mode, the keys of the teacher and of the projector. Anyone who can see this terminal has them. */
  keys: ClassKeys | undefined;
  secret: SecretFile;
  secretIsNew: boolean;
  /** False where output is kept, as in a container. Then only the first start shows the secret. */
  showSecret: boolean;
  place: { folder: string } | { database: string };
  users: Users;
}

export async function banner(facts: BannerFacts): Promise<string> {
  const { address, secret, secretIsNew, showSecret, place, users } = facts;
  const isFolder = "folder" in place;
  const where = isFolder ? `The data folder is ${place.folder}` : `The database is ${place.database}`;
  const problem = problemOfSecret(secret);
  const classLines = forTheClass(facts);
  if ("unreadable" in secret || problem !== undefined) {
    return `plainchat is running at ${address}\n\n${problem?.what}\n${problem?.advice}\n${where}\n`;
  }
  if (!showSecret && !secretIsNew) {
    const file = isFolder ? `users/secret.dat in ${place.folder}` : `the table secret in ${place.database}`;
    return `plainchat is running  ${address}${classLines}\nThe class secret is in ${file}\n`;
  }
  const [first, second] = await freeHandles(users);
  const isNew = secretIsNew ? `   (new, saved in ${isFolder ? "users/secret.dat" : "the table secret"})` : "";
  const data = isFolder ? `data folder           ${place.folder}` : `database              ${place.database}`;
  return `
  plainchat is running  ${address}${classLines}
  class secret          ${secret.text}${isNew}
  ${data}
  in a browser          ${address}
  all calls             ${address}/docs

  Paste these two lines into another terminal to register two users:

${registerLine(address, secret.text, first)}
${registerLine(address, secret.text, second)}

  Each reply has a userId and an authToken. Put ${first}'s here to send a message from ${first} to ${second}:

curl -u "USERID:AUTHTOKEN" ${address}/api/v1/chat -d '{"userHandle":"${second}","message":"hello"}'

  Put ${second}'s here to read the message:

curl -u "USERID:AUTHTOKEN" ${address}/api/v1/chat

`;
}

const IS_ONLY_HERE = "nobody else can reach it: it listens on this computer only. Leave out --host, or set up a proxy";
const NO_NETWORK = "nobody else can reach it: this computer is not connected to a network";

function forTheClass({ address, classAddresses, className, isOnlyHere, keys }: BannerFacts): string {
  if (classAddresses === undefined || keys === undefined) return "";
  const real = classAddresses.filter(({ virtual }) => virtual === undefined).map(({ url }) => url);
  const others = classAddresses.filter(({ virtual }) => virtual !== undefined);
  const lines = [["for the class", real.length > 0 ? real.join("  ") : isOnlyHere ? IS_ONLY_HERE : NO_NETWORK]];
  if (real.length > 0 && className !== undefined) lines.push(["or by its name", className]);
  if (others.length > 0) {
    lines.push(["probably not these", others.map(({ url, virtual }) => `${url} (${virtual})`).join("  ")]);
  }
  lines.push(
    ["the course", `${real[0] ?? address}/learn`],
    ["for the teacher", `${address}/teacher#${keys.teacher}`],
    ["for the projector", `${address}/projector#${keys.projector}`],
    ["", "In class mode everyone can see everyone's requests. Texts of messages are covered unless you show them."],
  );
  return lines.map(([name = "", text]) => `\n  ${name.padEnd(22)}${text}`).join("");
}

function registerLine(address: string, secret: string, userHandle: string): string {
  // In a shell, a single quote ends a quoted string. So one inside is written as: end, escaped quote, begin again.
  const body = JSON.stringify({ secret, userHandle }).replaceAll("'", String.raw`'\''`);
  return `curl ${address}/api/v1/register -d '${body}'`;
}

async function freeHandles(users: Users): Promise<[string, string]> {
  const isFree = async (handle: string) => (await users.openHandleFile(users.hashHandle(handle))) === "not found";
  const free: string[] = [];
  for (const handle of EXAMPLE_HANDLES) if (free.length < 2 && (await isFree(handle))) free.push(handle);
  for (let number = 1; free.length < 2; number++) {
    const handle = `learner-${number}`;
    if (await isFree(handle)) free.push(handle);
  }
  const [first = "", second = ""] = free;
  return [first, second];
}
