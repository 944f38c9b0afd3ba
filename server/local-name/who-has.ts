/**
 * Asks the local network which computer has a name, as a browser of the class would. `plainchat doctor` uses it.
 */
import { createSocket } from "node:dgram";
import type { LocalNetwork } from "../http/routes/network-addresses.ts";
import { MULTICAST_GROUP, MULTICAST_PORT, mayConcern, questionFor, readPacket } from "./packets.ts";

const ANSWER_MILLISECONDS = 700;

/** @param name with `.local`. @returns the addresses that others, or this computer, answer with. */
export async function whoHas(name: string, networks: LocalNetwork[], port = MULTICAST_PORT): Promise<string[]> {
  const answers = await Promise.all(networks.map((network) => askOn(network, name, port)));
  return [...new Set(answers.flat())];
}

function askOn({ address }: LocalNetwork, name: string, port: number): Promise<string[]> {
  const socket = createSocket("udp4");
  const found: string[] = [];
  return new Promise((resolve) => {
    const end = () => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      socket.close();
      resolve(found);
    };
    let isOver = false;
    const timer = setTimeout(end, ANSWER_MILLISECONDS);
    socket.on("error", end);
    socket.on("message", (bytes) => {
      const heard = mayConcern(bytes, name) ? readPacket(bytes, name) : undefined;
      if (heard?.isReply) found.push(...heard.answers.flatMap((each) => each.address || []));
    });
    socket.bind(0, address, () => {
      try {
        socket.setMulticastInterface(address);
        socket.send(questionFor(name), port, MULTICAST_GROUP, (error) => error && end());
      } catch {
        end();
      }
    });
  });
}
