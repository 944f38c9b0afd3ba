/**
 * What the doctor finds out about the port and the network: is the port free, is it the server of this folder that
 * answers there, can the class reach it, and does its name work? It reads /readyz and, in class mode, /api/v1/class, and
 * asks the network for one name.
 */
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { type LocalNetwork, localNetworks, networkAddresses } from "../server/http/routes/network-addresses.ts";
import { numbered, readLocalName } from "../server/local-name/names.ts";
import { whoHas } from "../server/local-name/who-has.ts";
import { folderTag } from "../server/store/files/folder-tag.ts";
import { Paths } from "../server/store/files/paths.ts";
import { isLocked } from "./data-folder.ts";
import type { Finding } from "./finding.ts";

const ANSWER_MILLISECONDS = 2000;

export async function examinePort(port: number, root: string): Promise<Finding> {
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen(port, () => server.close(() => resolve(undefined)));
  });
  if (code === undefined) return { verdict: "good", what: `Port ${port} is free` };
  if (code === "EACCES")
    return {
      verdict: "bad",
      what: `You may not use port ${port}`,
      advice: "Ports below 1024 belong to the system. Choose a higher one with --port.",
    };
  const server = await serverAt(`http://127.0.0.1:${port}`, root);
  if (server === "of this folder") return { verdict: "good", what: `A plainchat server answers on port ${port}` };
  if (server === "of another folder" && isLocked(new Paths(root))) {
    return {
      verdict: "note",
      what: `The plainchat server on port ${port} has another data folder`,
      advice: "The server of this folder is on another port. Name that port with --port.",
    };
  }
  if (server === "of another folder") {
    return {
      verdict: "bad",
      what: `A plainchat server with another data folder is using port ${port}`,
      advice: "Stop it, or choose another port with --port.",
    };
  }
  return {
    verdict: "bad",
    what: `Another program is using port ${port}`,
    advice: "Stop it, or choose another port with --port.",
  };
}

/** Which plainchat server answers at an address, if any. */
export async function serverAt(url: string, root: string): Promise<"of this folder" | "of another folder" | undefined> {
  try {
    const reply = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWER_MILLISECONDS) });
    const tag = reply.headers.get("data-folder");
    if (tag === null) return undefined;
    return existsSync(root) && tag === folderTag(root) ? "of this folder" : "of another folder";
  } catch {
    return undefined;
  }
}

export async function examineAddresses(port: number, root: string): Promise<Finding> {
  const urls = networkAddresses(port, "0.0.0.0").flatMap(({ url, virtual }) => (virtual === undefined ? url : []));
  if (urls.length === 0)
    return { verdict: "note", what: "This computer is not connected to a network, so nobody else can reach it" };
  const list = urls.join(", ");
  const isHere = async (url: string) => (await serverAt(url, root)) === "of this folder";
  if (!(await isHere(`http://127.0.0.1:${port}`))) {
    return {
      verdict: "good",
      what: `The address of this computer on its network: ${list}`,
      advice: "The class can reach the server there if you start it with --class and no firewall is in the way.",
    };
  }
  const answers = await Promise.all(urls.map(isHere));
  if (answers.includes(true)) {
    return {
      verdict: "good",
      what: `The class can reach the server at ${urls.filter((_, i) => answers[i]).join(", ")}`,
      advice: "If somebody cannot, a firewall is in the way, or the network keeps its devices apart.",
    };
  }
  return {
    verdict: "note",
    what: `Nobody else can reach the server. It does not answer at ${list}`,
    advice: "That is right if you use it alone. For a class, start it with --class.",
  };
}

/**
 * Says whether the class finds the server by its name. Nothing, if that is no question here.
 *
 * @param networks of this computer. @param ask finds out which addresses a name has. Tests replace both.
 */
export async function examineLocalName(
  port: number,
  root: string,
  networks: LocalNetwork[] = localNetworks("0.0.0.0"),
  ask: (name: string, networks: LocalNetwork[]) => Promise<string[]> = whoHas,
): Promise<Finding[]> {
  const isOff = process.env.PLAINCHAT_NO_LOCAL_NAME === "1";
  if (networks.length === 0) return [];
  const own = networks.flatMap(({ addresses }) => addresses);
  const here = `http://127.0.0.1:${port}`;
  if ((await serverAt(here, root)) !== "of this folder") {
    if (isOff) return [];
    const name = numbered(readLocalName(process.env.PLAINCHAT_LOCAL_NAME ?? "plainchat"), 1);
    const [other] = (await ask(name, networks)).filter((address) => !own.includes(address));
    if (other === undefined) return [];
    return [
      {
        verdict: "note",
        what: `Another computer on the network (${other}) is called ${name}`,
        advice: "Start your server with --local-name and another name, such as --local-name physics.",
      },
    ];
  }
  const name = await localNameOf(here);
  if (name === "no class") return [];
  if (name === undefined) {
    return [
      {
        verdict: "note",
        what: "The server has no name such as plainchat.local",
        advice: "It was started with --no-local-name, or its log says why. The addresses are enough.",
      },
    ];
  }
  const addresses = await ask(name, networks);
  if (addresses.some((address) => own.includes(address))) {
    return [
      {
        verdict: "good",
        what: `The class can also reach the server at http://${name}:${port}`,
        advice: "Android before version 12 does not know such names. Use the address there.",
      },
    ];
  }
  return [
    {
      verdict: "note",
      what: `The network does not answer when asked for ${name}`,
      advice: "A firewall may block UDP port 5353. The addresses work all the same.",
    },
  ];
}

async function localNameOf(url: string): Promise<string | undefined | "no class"> {
  try {
    const reply = await fetch(`${url}/api/v1/class`, { signal: AbortSignal.timeout(ANSWER_MILLISECONDS) });
    if (!reply.ok) return "no class";
    const { addresses } = (await reply.json()) as { addresses: string[] };
    return addresses.map((each) => new URL(each).hostname).find((hostname) => hostname.endsWith(".local"));
  } catch {
    return "no class";
  }
}
