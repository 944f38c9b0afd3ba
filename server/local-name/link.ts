/**
 * One network on which the server has a name: a socket that listens to multicast DNS there and answers questions for
 * the name. local-name.ts opens one for each network, decides on the name, and hears of everything else. However many
 * packets come, a link sends its records to all at most once a second (RFC 6762, section 6).
 */
import { createSocket, type Socket } from "node:dgram";
import { BlockList } from "node:net";
import type { LocalNetwork } from "../http/routes/network-addresses.ts";
import { announcement, type Heard, MULTICAST_GROUP, mayConcern, probe, readPacket, replyTo } from "./packets.ts";

const BETWEEN_ANSWERS_MILLISECONDS = 1000;
/** Somebody who is about to take the name must hear of us before that. */
const BETWEEN_DEFENCES_MILLISECONDS = 250;
/** If the asker knows our addresses for longer than this, it needs no answer: half of their time (section 7.1). */
const KNOWN_SECONDS = 60;
/** In a second, the packets with our name that are read, and the replies to clients that are no members of the group. */
const MAX_PACKETS = 200;
const MAX_REPLIES = 30;
/** Multicast DNS never leaves its network. A router would count this down. */
const HOPS = 255;
const GOODBYE_MILLISECONDS = 200;

interface LinkEvents {
  /** A packet about the name, of which this link has answered the question if there is one. */
  onHeard: (heard: Heard, sender: string) => void;
  /** The socket cannot be opened, or has stopped. The link is closed then. */
  onError: (error: Error) => void;
}

export class Link {
  readonly network: LocalNetwork;
  /** The name to listen for, with `.local`. Undefined if the server wants none. */
  name: string | undefined;
  /** Whether the name is ours by now. Before that the link only listens. */
  isOurs = false;
  readonly #socket: Socket;
  readonly #port: number;
  readonly #neighbours = new BlockList();
  readonly #events: LinkEvents;
  #isOpen = false;
  #isClosed = false;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #nextAnswer: NodeJS.Timeout | undefined;
  #second = 0;
  #packets = 0;
  #replies = 0;

  constructor(network: LocalNetwork, name: string, port: number, events: LinkEvents) {
    this.network = network;
    this.name = name;
    this.#port = port;
    this.#events = events;
    this.#neighbours.addSubnet(network.address, network.prefix, "ipv4");
    // The computer itself usually listens at this port, too.
    this.#socket = createSocket({ type: "udp4", reuseAddr: true });
    this.#socket.unref();
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("message", (bytes, sender) => this.#hear(bytes, sender));
  }

  /** @returns once the link listens, or has failed. */
  open(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once("close", resolve);
      this.#socket.once("listening", () => {
        try {
          this.#socket.addMembership(MULTICAST_GROUP, this.network.address);
          this.#socket.setMulticastInterface(this.network.address);
          this.#socket.setMulticastTTL(HOPS);
          this.#socket.setMulticastLoopback(true);
          this.#isOpen = true;
        } catch (error) {
          this.#fail(error as Error);
        }
        resolve();
      });
      // On Linux, a socket at the group's address takes no packet away from the computer's own service.
      const address = process.platform === "linux" ? MULTICAST_GROUP : "0.0.0.0";
      this.#socket.bind({ port: this.#port, address });
    });
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.#isClosed;
  }

  sendProbe(): void {
    this.#send(probe(this.#records()));
  }

  /** Tells all where the name leads, as soon as the limit allows. */
  announce(gapMilliseconds = BETWEEN_ANSWERS_MILLISECONDS): void {
    if (!this.isOurs || this.#nextAnswer !== undefined) return;
    const wait = Math.max(0, this.#answeredAt + gapMilliseconds - performance.now());
    const answer = () => {
      this.#nextAnswer = undefined;
      if (!this.isOurs) return;
      this.#answeredAt = performance.now();
      this.#send(announcement(this.#records()));
    };
    if (wait === 0) answer();
    else this.#nextAnswer = setTimeout(answer, wait).unref();
  }

  /** Takes the name back, so that nobody looks for the server here for another two minutes. */
  async sayGoodbye(): Promise<void> {
    if (!this.isOurs || !this.isOpen) return;
    this.isOurs = false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GOODBYE_MILLISECONDS);
      this.#send(announcement(this.#records(), 0), () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#nextAnswer);
    this.#socket.close();
  }

  #records() {
    return { name: this.name ?? "", addresses: this.network.addresses };
  }

  #hear(bytes: Buffer, { address, port }: { address: string; port: number }): void {
    // A packet from elsewhere has come through a router, which multicast DNS never does (section 11).
    if (this.#isClosed || this.name === undefined || !this.#neighbours.check(address)) return;
    if (!mayConcern(bytes, this.name) || !this.#mayRead()) return;
    const heard = readPacket(bytes, this.name);
    if (heard === undefined) return;
    if (heard.asks && this.isOurs) this.#answer(heard, address, port);
    this.#events.onHeard(heard, address);
  }

  #answer(heard: Heard, address: string, port: number): void {
    if (port !== this.#port) {
      if (++this.#replies <= MAX_REPLIES) this.#send(replyTo(heard, this.#records()), undefined, port, address);
      return;
    }
    const known = heard.answers.filter(({ ttl }) => ttl >= KNOWN_SECONDS).map((each) => each.address);
    if (this.network.addresses.every((each) => known.includes(each))) return;
    this.announce(heard.wanted.length > 0 ? BETWEEN_DEFENCES_MILLISECONDS : BETWEEN_ANSWERS_MILLISECONDS);
  }

  #mayRead(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) [this.#second, this.#packets, this.#replies] = [second, 0, 0];
    return ++this.#packets <= MAX_PACKETS;
  }

  /** Whether a packet could be sent is not looked at: if the network is gone, local-name.ts notices. */
  #send(packet: Buffer, done: () => void = () => undefined, port = this.#port, address = MULTICAST_GROUP): void {
    if (this.isOpen) this.#socket.send(packet, port, address, done);
    else done();
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    this.close();
    this.#events.onError(error);
  }
}
