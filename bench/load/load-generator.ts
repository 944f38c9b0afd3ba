/**
 * The clients of a measurement. They run in their own process, so that they take no time from the server. There are
 * many connections, and each sends its next request when the reply to the previous one is complete. The program writes
 * to the sockets directly, because a client library costs more than a server.
 *
 *     node bench/load/load-generator.ts PORT SECONDS CONNECTIONS FILE     FILE: a JSON array of requests, as raw text
 *
 * It understands replies in HTTP and in the protocol of Redis. It prints one line of JSON: a LoadResult.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { quantile } from "../report/statistics.ts";
import { isRefusal, lengthOfReply } from "./replies.ts";

export interface LoadResult {
  requests: number;
  /** How many replies were refusals. There should be none. */
  refused: number;
  seconds: number;
  /** How much of one core the clients used. Near 1, the result shows the speed of the clients, not of the server. */
  coresOfClients: number;
  p50Milliseconds: number;
  p99Milliseconds: number;
}

if (import.meta.main) {
  const [port, seconds, connections, file = ""] = process.argv.slice(2);
  const requests: string[] = JSON.parse(readFileSync(file, "utf8"));
  console.log(JSON.stringify(await load(Number(port), Number(seconds), Number(connections), requests)));
}

async function load(port: number, seconds: number, connections: number, requests: string[]): Promise<LoadResult> {
  const buffers = requests.map((request) => Buffer.from(request));
  const usualBytes: number[] = [];
  const milliseconds: number[] = [];
  const started = performance.now();
  const processorBefore = process.cpuUsage();
  const end = started + seconds * 1000;
  let next = 0;
  let refused = 0;

  /** Sends requests over one connection until the time is up. */
  const client = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      let asked = 0;
      let sentAt = 0;
      let received: Buffer = Buffer.alloc(0);
      let replyBytes = -1;
      const send = () => {
        asked = next % buffers.length;
        const request = buffers[asked];
        next++;
        sentAt = performance.now();
        if (request === undefined || sentAt >= end) socket.end(resolve);
        else socket.write(request);
      };
      socket.setNoDelay(true);
      socket.on("connect", send);
      socket.on("error", reject);
      // This also happens after the last reply; the promise is resolved by then, so it changes nothing.
      socket.on("end", () => reject(new Error("The server ended a connection")));
      socket.on("data", (piece) => {
        received = received.length === 0 ? Buffer.from(piece) : Buffer.concat([received, Buffer.from(piece)]);
        if (replyBytes === -1) replyBytes = lengthOfReply(received, usualBytes[asked]);
        if (replyBytes === -1 || received.length < replyBytes) return;
        if (isRefusal(received)) refused++;
        usualBytes[asked] = replyBytes;
        received = received.subarray(replyBytes);
        replyBytes = -1;
        milliseconds.push(performance.now() - sentAt);
        send();
      });
    });

  await Promise.all(Array.from({ length: connections }, client));
  const measuredSeconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(processorBefore);
  return {
    requests: milliseconds.length,
    refused,
    seconds: measuredSeconds,
    coresOfClients: (user + system) / 1e6 / measuredSeconds,
    p50Milliseconds: quantile(milliseconds, 0.5),
    p99Milliseconds: quantile(milliseconds, 0.99),
  };
}
