/**
 * What each server must be able to do to be compared: be started with what a case needs, be put under load, be stopped.
 * One file beside this one for each of them says how; peers.ts lists them.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type MeasuredServer, type Measurement, measure, stopMeasured } from "../load/processes.ts";

export const CASES = ["publish", "lookup", "page"] as const;
export type CaseName = (typeof CASES)[number];

/** So many messages are on a page, and so many each user has, before pages are measured. */
export const MESSAGES_ON_A_PAGE = 50;

export interface Load {
  seconds: number;
  connections: number;
}

/** A peer at work: ready to be put under load, again and again. */
export interface Running {
  measure(load: Load): Promise<Measurement>;
  stop(): Promise<void>;
  /** Where it listens, and what it is sent. The disk alone has neither. */
  port?: number;
  requests?: string[];
}

/** What a server of ours is sent in a case, and what it answers: peers that know no users get the same. */
export interface Example {
  requests: string[];
  replyBody: string;
}

export interface Peer {
  /** A word, for names of files and figures. */
  id: string;
  name: string;
  durable: boolean;
  cases: readonly CaseName[];
  /** Why it cannot run on this machine, or undefined when it can. */
  whyMissing(): string | undefined;
  start(caseName: CaseName, folder: string, example: Example): Promise<Running>;
}

/** A server that was started, with the requests that it is to get. */
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
