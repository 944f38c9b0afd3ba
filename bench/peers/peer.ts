/**
 * What a peer is: a server that the bench compares with ours. It can be started with the data that a case needs, put
 * under load, and stopped. Each peer has a file in this folder, and peers.ts lists them.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type MeasuredServer, type Measurement, measure, stopMeasured } from "../load/processes.ts";

export const CASES = ["publish", "lookup", "page"] as const;
export type CaseName = (typeof CASES)[number];

/** How many messages are on a page. Each user has exactly this many before pages are measured. */
export const MESSAGES_ON_A_PAGE = 50;

export interface Load {
  seconds: number;
  connections: number;
}

/** A peer that has been started. It can be put under load as often as you like. */
export interface Running {
  measure(load: Load): Promise<Measurement>;
  stop(): Promise<void>;
  /** The port it listens on, and the requests it gets. The disk alone has neither. */
  port?: number;
  requests?: string[];
}

/** The requests that our server gets in a case, and its answer. Bare node:http uses both. */
export interface Example {
  requests: string[];
  replyBody: string;
}

export interface Peer {
  /** One word, for the names of folders and figures. */
  id: string;
  name: string;
  durable: boolean;
  cases: readonly CaseName[];
  /** Why the peer cannot run on this machine, or undefined if it can. */
  whyMissing(): string | undefined;
  start(caseName: CaseName, folder: string, example: Example): Promise<Running>;
}

/** Makes a Running from a started server and the requests for it. */
export async function underLoad(server: MeasuredServer, requests: string[], folder: string): Promise<Running> {
  const requestFile = join(folder, "requests.json");
  await writeFile(requestFile, JSON.stringify(requests));
  return {
    measure: (load) => measure(server, { ...load, requestFile }),
    stop: () => stopMeasured(server),
    port: server.port,
    requests,
  };
}
