/**
 * The listeners, in their own process: many streams on one queue, and one more connection that publishes. It sends each
 * message after the previous one has reached every listener. What it measures is the time from sending a message until
 * each listener has it.
 *
 *     node bench/load/listeners.ts PORT STREAMS MESSAGES FILE     FILE: JSON, { "stream", "publish" }: requests as raw text
 *
 * With 0 messages it only opens the streams, prints "open", and ends when its standard input ends. Otherwise it prints
 * one line of JSON: a ListenResult.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { quantile } from "../report/statistics.ts";

export interface ListenResult {
  p50Milliseconds: number;
  p99Milliseconds: number;
}

/** Each published message has its number in this place. */
export const PLACE_OF_NUMBER = "00000000";
const WARM_UP_MESSAGES = 20;
/** How many connections are opened at the same time. */
const AT_ONCE = 100;

if (import.meta.main) {
  const [port, streams, messages, file = ""] = process.argv.slice(2);
  const requests: { stream: string; publish: string } = JSON.parse(readFileSync(file, "utf8"));
  const open = await openStreams(Number(port), Number(streams), requests.stream);
  if (Number(messages) === 0) {
    console.log("open");
    process.stdin.resume();
    await once(process.stdin, "end");
  } else {
    console.log(JSON.stringify(await publishAndListen(Number(port), open, Number(messages), requests.publish)));
  }
  process.exit();
}

async function openStreams(port: number, count: number, request: string): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - sockets.length) }, async () => {
      const socket = connect(port, "127.0.0.1");
      socket.setNoDelay(true);
      socket.write(request);
      let text = "";
      while (!text.includes("retry:")) text += String((await once(socket, "data"))[0]);
      return socket;
    });
    sockets.push(...(await Promise.all(some)));
  }
  return sockets;
}

async function publishAndListen(
  port: number,
  streams: Socket[],
  messages: number,
  request: string,
): Promise<ListenResult> {
  const milliseconds: number[] = [];
  let marker = "";
  let sentAt = 0;
  let missing = 0;
  let allHaveIt = () => {};
  for (const socket of streams) {
    let rest = "";
    socket.on("data", (piece) => {
      rest += piece.toString("latin1");
      if (marker === "" || !rest.includes(marker)) return;
      rest = "";
      milliseconds.push(performance.now() - sentAt);
      missing--;
      if (missing === 0) allHaveIt();
    });
  }
  const publisher = connect(port, "127.0.0.1");
  publisher.setNoDelay(true);
  publisher.resume();
  await once(publisher, "connect");
  for (let number = 1; number <= messages + WARM_UP_MESSAGES; number++) {
    if (number === WARM_UP_MESSAGES + 1) milliseconds.length = 0;
    marker = String(number).padStart(PLACE_OF_NUMBER.length, "0");
    missing = streams.length;
    const all = new Promise<void>((resolve) => {
      allHaveIt = resolve;
    });
    sentAt = performance.now();
    publisher.write(request.replace(PLACE_OF_NUMBER, marker));
    await all;
  }
  return { p50Milliseconds: quantile(milliseconds, 0.5), p99Milliseconds: quantile(milliseconds, 0.99) };
}
