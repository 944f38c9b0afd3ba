/**
 * What the doctor finds out about the port and the network: is the port free, is it the server of this folder that
 * answers there, and can the class reach it? It sends nothing but requests for /readyz.
 */
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { networkAddresses } from "../server/http/routes/network-addresses.ts";
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
