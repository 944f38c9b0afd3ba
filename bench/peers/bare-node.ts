/**
 * Bare node:http as a peer: it gets the same requests as our server, and answers with a body that our server once sent.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startMeasured } from "../load/processes.ts";
import { CASES, type Peer, underLoad } from "./peer.ts";

export const bareNode: Peer = {
  id: "bare",
  name: "bare node:http",
  durable: false,
  cases: CASES,
  whyMissing: () => undefined,
  async start(_caseName, folder, { requests, replyBody }) {
    const replyFile = join(folder, "reply");
    await writeFile(replyFile, replyBody);
    const server = await startMeasured("bare node:http", ["bench/peers/bare-server.ts", replyFile], /port (\d+)/);
    return underLoad(server, requests, folder);
  },
};
