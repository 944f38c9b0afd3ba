/**
 * What a person sees first: the address, the class secret, and lines that work when they are pasted into a terminal.
 */
import { problemOfSecret } from "./steps/checks.ts";
import type { Users } from "./store/contract.ts";

/** People who made computing what it is; the first two of them who have not registered yet are in the example. */
const EXAMPLE_HANDLES = ["ada", "grace", "alan", "katherine", "dennis", "barbara", "edsger", "frances"];

export interface BannerFacts {
  address: string;
  /** In class mode, where the class reaches the server; empty where this machine is in no network. */
  classAddresses?: string[] | undefined;
  /** In class mode, what lets the projector show the class secret. */
  projectorKey: string;
  /** Undefined when its file cannot be read. */
  secret: string | undefined;
  secretIsNew: boolean;
  /** False where what is printed is kept, as in a container: then the secret is shown on the first start only. */
  showSecret: boolean;
  root: string;
  users: Users;
}

export function banner(facts: BannerFacts): string {
  const { address, classAddresses, projectorKey, secret, secretIsNew, showSecret, root, users } = facts;
  const problem = problemOfSecret(secret);
  const classLines = forTheClass(classAddresses, `${address}/projector#${projectorKey}`);
  if (secret === undefined || problem !== undefined) {
    return `plainchat listens on ${address}\n\n${problem}\nLook at users/secret.dat in ${root}\n`;
  }
  if (!showSecret && !secretIsNew) {
    return `plainchat listens on  ${address}${classLines}\nThe class secret is in users/secret.dat in ${root}\n`;
  }
  const [first, second] = freeHandles(users);
  return `
  plainchat listens on  ${address}${classLines}
  class secret          ${secret}${secretIsNew ? "   (new; it is in users/secret.dat)" : ""}
  data folder           ${root}
  in the browser        ${address}
  every call            ${address}/docs

  Paste these two lines into another terminal. They register two users:

${registerLine(address, secret, first)}
${registerLine(address, secret, second)}

  Each reply has a userId and an authToken. Put those of ${first} here, and ${first} writes to ${second}:

curl -u "USERID:AUTHTOKEN" ${address}/api/v1/chat -d '{"userHandle":"${second}","message":"hello"}'

  Put those of ${second} here, and ${second} reads:

curl -u "USERID:AUTHTOKEN" ${address}/api/v1/chat

`;
}

function forTheClass(addresses: string[] | undefined, projector: string): string {
  if (addresses === undefined) return "";
  const line =
    addresses.length === 0 ? "nobody else can reach it: this machine is in no network" : addresses.join("  ");
  return `\n  for the class         ${line}\n  for the projector     ${projector}\n                        In class mode everybody can see everybody's requests, with the messages in them.`;
}

function registerLine(address: string, secret: string, userHandle: string): string {
  // A single quote ends a quoted string in a shell, so one inside is written as: end, escaped quote, begin again.
  const body = JSON.stringify({ secret, userHandle }).replaceAll("'", String.raw`'\''`);
  return `curl ${address}/api/v1/register -d '${body}'`;
}

function freeHandles(users: Users): [string, string] {
  const isFree = (handle: string) => users.openHandleFile(users.hashHandle(handle)) === "not found";
  const free = EXAMPLE_HANDLES.filter(isFree);
  for (let number = 1; free.length < 2; number++) {
    const handle = `learner-${number}`;
    if (isFree(handle)) free.push(handle);
  }
  const [first = "", second = ""] = free;
  return [first, second];
}
