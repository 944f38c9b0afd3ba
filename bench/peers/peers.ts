/** The servers that ours is compared with. The most informative comes first. */
import { bareNode } from "./bare-node.ts";
import { diskInGroups, diskOneByOne } from "./disk.ts";
import { jsonServer } from "./json-server-peer.ts";
import type { Peer } from "./peer.ts";
import { redis } from "./redis.ts";
import { express, flask } from "./seed-speakers.ts";

export const PEERS: readonly Peer[] = [bareNode, flask, express, jsonServer, redis, diskInGroups, diskOneByOne];
