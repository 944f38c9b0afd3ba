/**
 * Tests the name on the local network with raw packets, as other computers send them. The network is the loopback
 * interface, with a UDP port that nobody else uses.
 */
import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Packet } from "dns-packet";
import type { LocalNetwork } from "../http/routes/network-addresses.ts";
import { LocalName } from "./local-name.ts";
import { MULTICAST_GROUP, mayConcern } from "./packets.ts";
import { whoHas } from "./who-has.ts";

const HERE = "127.0.0.1";
const LOOPBACK: LocalNetwork = { address: HERE, prefix: 8, addresses: [HERE], key: "lo" };
const STRANGER = "10.9.9.9";

/** Another computer of the group. It notes what it hears. */
interface Neighbour {
  heard: Packet[];
  send: (packet: Packet | Buffer) => Promise<void>;
  /** @returns the first packet that fits, also one that has come already. */
  hears: (fits: (packet: Packet) => boolean) => Promise<Packet>;
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, HERE);
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

async function neighbour(t: TestContext, port: number): Promise<Neighbour> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  t.after(() => socket.close());
  const heard: Packet[] = [];
  let wake = () => {};
  socket.on("message", (bytes) => {
    try {
      heard.push(decode(bytes));
    } catch {
      // A test has sent it.
    }
    wake();
  });
  socket.bind(port);
  await once(socket, "listening");
  socket.addMembership(MULTICAST_GROUP, HERE);
  socket.setMulticastInterface(HERE);
  return {
    heard,
    send: (packet) => sendBytes(socket, Buffer.isBuffer(packet) ? packet : encode(packet), port),
    async hears(fits) {
      for (;;) {
        const found = heard.find(fits);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

function sendBytes(socket: Socket, bytes: Buffer, port: number): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.send(bytes, port, MULTICAST_GROUP, (error) => (error === null ? resolve() : reject(error))),
  );
}

async function startName(t: TestContext, options: { name?: string; networks?: () => LocalNetwork[] } = {}) {
  const port = await freePort();
  const other = await neighbour(t, port);
  const said: string[] = [];
  const name = new LocalName({
    name: options.name ?? "plainchat",
    networks: options.networks ?? (() => [LOOPBACK]),
    report: (_level, sentence) => said.push(sentence),
    port,
    lookMilliseconds: 50,
  });
  t.after(() => name.stop());
  return { name, other, said, port };
}

const addressOf = (packet: Packet, name: string) =>
  [...(packet.answers ?? [])].find((each) => each.name === name && each.type === "A");
const isAnswer =
  (name: string, data: string, ttl = 120) =>
  (packet: Packet) => {
    const record = addressOf(packet, name);
    return packet.type === "response" && record?.type === "A" && record.data === data && record.ttl === ttl;
  };
const claim = (name: string, data = STRANGER): Packet => ({
  type: "response",
  flags: AUTHORITATIVE_ANSWER,
  answers: [{ type: "A", name, ttl: 120, flush: true, data }],
});
const ask = (name: string, answers: Answer[] = []): Packet => ({
  type: "query",
  questions: [{ name, type: "A" }],
  answers,
});
const isProbe = (name: string) => (packet: Packet) =>
  packet.type === "query" && packet.questions?.[0]?.name === name && (packet.authorities?.length ?? 0) > 0;

test("the server asks three times for its name, announces it, answers for it, and takes it back at the end", async (t) => {
  const { name, other, said, port } = await startName(t);
  assert.equal(name.current, undefined);
  name.begin();
  const announced = await other.hears(isAnswer("plainchat.local", HERE));
  assert.equal(other.heard.filter(isProbe("plainchat.local")).length, 3);
  assert.equal(name.current, "plainchat.local");
  assert.deepEqual(said, ["The class can also reach the server by its name, plainchat.local"]);
  // "There is no IPv6 address": without it, a phone waits for one for seconds.
  const [nothingElse] = announced.additionals ?? [];
  assert.deepEqual(nothingElse?.type === "NSEC" && nothingElse.data.rrtypes, ["A"]);
  assert.ok(announced.answers?.every((each) => "flush" in each && each.flush === true));

  // Many questions at once are one answer, a second after the one before.
  const before = other.heard.filter(isAnswer("plainchat.local", HERE)).length;
  for (let i = 0; i < 50; i++) await other.send(ask(i % 2 === 0 ? "plainchat.local" : "PlainChat.LOCAL"));
  // A client that knows the address already needs no answer, and other names are not ours.
  await other.send(ask("plainchat.local", [{ type: "A", name: "plainchat.local", ttl: 100, data: HERE }]));
  for (const strange of ["plainchat-2.local", "xplainchat.local", "plainchat.local.example.org", "printer.local"]) {
    await other.send(ask(strange));
  }
  // An ordinary DNS client gets an ordinary reply.
  assert.deepEqual(await whoHas("plainchat.local", [LOOPBACK], port), [HERE]);
  assert.deepEqual(await whoHas("printer.local", [LOOPBACK], port), []);
  const answers = () => other.heard.filter((each) => each.type === "response");
  // whoHas() has taken 1.4 s: at most two answers to all, and one of them was to come without a question.
  assert.ok(answers().length - before <= 2, `${answers().length - before} answers`);
  assert.ok(answers().every((each) => addressOf(each, "plainchat.local") !== undefined));

  await name.stop();
  await other.hears(isAnswer("plainchat.local", HERE, 0));
  assert.deepEqual(await whoHas("plainchat.local", [LOOPBACK], port), []);
});

test("if another computer has the name, the server says so and takes the next one", async (t) => {
  const { name, other, said } = await startName(t, { name: "physics" });
  name.begin();
  await other.hears(isProbe("physics.local"));
  await other.send(claim("physics.local"));
  await other.hears(isAnswer("physics-2.local", HERE));
  assert.equal(name.current, "physics-2.local");
  assert.equal(other.heard.filter(isAnswer("physics.local", HERE)).length, 0);
  assert.deepEqual(said, [
    "Another computer on this network (127.0.0.1) is called physics.local. This server tries physics-2.local. Choose another name with --local-name",
    "The class can also reach the server by its name, physics-2.local",
  ]);
  // Somebody else says later that the name is theirs. The server asks again, nobody answers, and it keeps the name.
  other.heard.length = 0;
  await other.send(claim("physics-2.local"));
  await other.hears(isAnswer("physics-2.local", HERE));
  assert.equal(other.heard.filter(isProbe("physics-2.local")).length, 3);
  // Somebody who asks for it hears at once that it is taken.
  other.heard.length = 0;
  await other.send({ ...ask("physics-2.local"), authorities: claim("physics-2.local").answers ?? [] });
  await other.hears(isAnswer("physics-2.local", HERE));
});

test("of two that want the name at once, the one with the greater address gets it, and both servers of a computer do", async (t) => {
  const { name, other } = await startName(t);
  const want = (data: string): Packet => ({
    ...ask("plainchat.local"),
    authorities: [{ type: "A", name: "plainchat.local", ttl: 120, data }],
  });
  name.begin();
  await other.hears(isProbe("plainchat.local"));
  await other.send(want(HERE));
  await other.send(want("9.255.255.255"));
  await other.hears(isAnswer("plainchat.local", HERE));
  assert.equal(other.heard.filter(isProbe("plainchat.local")).length, 3 + 2, "three of the server, two of ours");

  const late = await startName(t);
  late.name.begin();
  await late.other.hears(isProbe("plainchat.local"));
  await late.other.send(want("200.0.0.1"));
  // The server waits a second, and the winner has the name then.
  await late.other.send(claim("plainchat.local", "200.0.0.1"));
  await late.other.hears(isAnswer("plainchat-2.local", HERE));
});

test("if every name is taken, the server has none and says so once", async (t) => {
  const { name, other, said } = await startName(t);
  name.begin();
  for (let number = 1; number <= 9; number++) {
    const taken = number === 1 ? "plainchat.local" : `plainchat-${number}.local`;
    await other.hears(isProbe(taken));
    await other.send(claim(taken));
  }
  while (said.length < 9) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.match(said.at(-1) ?? "", /^Other computers have all names from plainchat\.local to plainchat-9\.local/);
  assert.equal(name.current, undefined);
  await other.send(claim("plainchat.local"));
  assert.equal(said.length, 9);
});

test("the network may go away and come back, and a port that cannot be opened is one sentence", async (t) => {
  let networks: LocalNetwork[] = [];
  const { name, other, said } = await startName(t, { networks: () => networks });
  name.begin();
  assert.equal(name.current, undefined);
  networks = [LOOPBACK];
  await other.hears(isAnswer("plainchat.local", HERE));
  networks = [];
  while (name.current !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  other.heard.length = 0;
  // An address that this computer does not have: the network has gone, but the system has not noticed.
  networks = [LOOPBACK, { address: "203.0.113.9", prefix: 24, addresses: ["203.0.113.9"], key: "gone" }];
  await other.hears(isAnswer("plainchat.local", HERE));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const failures = said.filter((sentence) => sentence.includes("cannot be used"));
  assert.equal(failures.length, 1);
  assert.match(
    failures[0] ?? "",
    /^plainchat\.local does not work: multicast DNS \(UDP port 5353\) cannot be used \(\w+\)\. The class can use the addresses$/,
  );

  // Another program keeps the port to itself.
  const port = await freePort();
  const greedy = createSocket("udp4");
  t.after(() => greedy.close());
  greedy.bind(port);
  await once(greedy, "listening");
  const sentences: string[] = [];
  const report = (_level: string, sentence: string) => sentences.push(sentence);
  const refused = new LocalName({ name: "plainchat", networks: () => [LOOPBACK], report, port, lookMilliseconds: 20 });
  t.after(() => refused.stop());
  refused.begin();
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(sentences.length, 1);
  assert.match(sentences[0] ?? "", /\(EADDRINUSE\)/);
  assert.equal(refused.current, undefined);
});

test("hostile packets neither stop the name nor hold up the server", async (t) => {
  const { name, other, port } = await startName(t);
  name.begin();
  await other.hears(isAnswer("plainchat.local", HERE));
  const question = encode(ask("plainchat.local"));
  const label = Buffer.from("\x09plainchat\x05local\x00");
  const header = (questions: number, answers = 0) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16BE(questions, 4);
    bytes.writeUInt16BE(answers, 6);
    return bytes;
  };
  // A name of 120 labels, and questions that all point to it: short to send, long to read.
  const long = Buffer.concat([...Array.from({ length: 120 }, () => Buffer.from("\x01a")), label]);
  const pointers = (count: number) => Buffer.from("c00c00010001".repeat(count), "hex");
  const packets = [
    Buffer.alloc(0),
    Buffer.from("plainchat"),
    Buffer.concat([header(65_535, 65_535), label]),
    Buffer.concat([header(1), Buffer.from([0xc0, 0x0c]), label]),
    Buffer.concat([header(1), label, Buffer.alloc(4)]).fill(0xff, 20),
    Buffer.concat([header(10_000), long, Buffer.from("00010001", "hex"), pointers(9_999)]),
    Buffer.concat([header(100), long, Buffer.from("00010001", "hex"), pointers(99)]),
    ...Array.from(question, (_, end) => question.subarray(0, end)),
    ...Array.from({ length: 2000 }, () => {
      const bytes = Buffer.concat([question, Buffer.alloc(40)]);
      for (let i = 0; i < 6; i++) bytes[Math.floor(Math.random() * bytes.length)] = Math.floor(Math.random() * 256);
      return bytes;
    }),
  ];
  const hostile = createSocket("udp4");
  t.after(() => hostile.close());
  hostile.bind(0, HERE);
  await once(hostile, "listening");
  hostile.setMulticastInterface(HERE);
  let replies = 0;
  hostile.on("message", () => replies++);
  const before = other.heard.filter(isAnswer("plainchat.local", HERE)).length;
  const started = performance.now();
  for (const packet of packets) await sendBytes(hostile, packet, port);
  // A flood of questions that are all right, from somebody who is no member of the group.
  for (let i = 0; i < 3000; i++) await sendBytes(hostile, question, port);
  // And from members.
  for (let i = 0; i < 3000; i++) await other.send(question);
  const seconds = Math.ceil((performance.now() - started) / 1000) + 1;
  const sent = other.heard.filter(isAnswer("plainchat.local", HERE)).length - before;
  assert.ok(replies <= 30 * seconds, `${replies} replies in ${seconds} s`);
  assert.ok(sent <= seconds, `${sent} announcements in ${seconds} s`);
  // What is too much work is not even read.
  assert.deepEqual(
    packets.slice(0, 7).map((packet) => mayConcern(packet, "plainchat.local")),
    [false, false, false, true, false, false, true],
  );
  // In the next second, it answers as before.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assert.deepEqual(await whoHas("plainchat.local", [LOOPBACK], port), [HERE]);
  assert.equal(name.current, "plainchat.local");
});
