/**
 * The DNS packets of a name on the local network (multicast DNS, RFC 6762): our records, our packets, and what a packet
 * of somebody else says about our name. It sends nothing. Anybody on the network can send anything, so a packet is
 * looked at before the library may spend time on it.
 */
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Packet } from "dns-packet";

export const MULTICAST_GROUP = "224.0.0.251";
export const MULTICAST_PORT = 5353;

/** How long others may keep our addresses, as section 10 wants it for names of computers. */
const TTL_SECONDS = 120;
/** The same for a client that is no member of the group, and does not hear it if something changes (section 6.7). */
const OUTSIDER_TTL_SECONDS = 10;
/** What fits into one Ethernet frame. A packet about a name of a computer is never longer. */
const MAX_BYTES = 1472;
/** How many questions and records we read. A name can point to an earlier one, so a short packet can be much work. */
const MAX_ENTRIES = 100;
const HEADER_BYTES = 12;

/** What our name has on one network. */
export interface NameRecords {
  /** Such as `plainchat.local`. */
  name: string;
  /** IPv4 and IPv6. */
  addresses: readonly string[];
}

/** What a packet says about our name. */
export interface Heard {
  id: number;
  isReply: boolean;
  /** Whether it asks for our name, whatever the type of record. */
  asks: boolean;
  /** The question for our name, to repeat it to a client that is no member of the group. */
  question: Packet["questions"];
  /** What it says of our name: in a reply as a fact, in a question as what the asker knows already. */
  answers: HeardRecord[];
  /** In a probe: the records that somebody else wants our name to have. */
  wanted: HeardRecord[];
}

export interface HeardRecord {
  type: string;
  /** The address, if it is one. Otherwise it is empty. */
  address: string;
  ttl: number;
}

/**
 * Whether a packet is worth reading: it has our name in it, and is little work. This costs nearly nothing. Names in a
 * packet are plain text, and a pointer leads to such a text, so without our name in it a packet cannot be about us.
 */
export function mayConcern(bytes: Buffer, name: string): boolean {
  if (bytes.length < HEADER_BYTES || bytes.length > MAX_BYTES) return false;
  let entries = 0;
  for (let i = 4; i < HEADER_BYTES; i += 2) entries += bytes.readUInt16BE(i);
  const [label = ""] = name.split(".");
  return entries <= MAX_ENTRIES && bytes.toString("latin1").toLowerCase().includes(label);
}

/** @returns undefined if the packet is damaged. */
export function readPacket(bytes: Buffer, name: string): Heard | undefined {
  let packet: Packet;
  try {
    packet = decode(bytes);
  } catch {
    return undefined;
  }
  const isOurs = (each: { name: string }) => each.name.toLowerCase() === name;
  const question = (packet.questions ?? []).filter(isOurs).slice(0, 1);
  const records = (list: Answer[] = []) => list.filter(isOurs).map(heardRecord);
  return {
    id: packet.id ?? 0,
    isReply: packet.type === "response",
    asks: packet.type === "query" && question.length > 0,
    question,
    answers: [...records(packet.answers), ...(packet.type === "response" ? records(packet.additionals) : [])],
    wanted: packet.type === "query" ? records(packet.authorities) : [],
  };
}

/** Our addresses, to all. A TTL of 0 takes them back. */
export function announcement({ name, addresses }: NameRecords, ttl = TTL_SECONDS): Buffer {
  return encode({
    type: "response",
    flags: AUTHORITATIVE_ANSWER,
    answers: addressRecords({ name, addresses }, ttl, true),
    additionals: ttl === 0 ? [] : [nothingElse({ name, addresses })],
  });
}

/** The same for one client that is no member of the group: an ordinary DNS reply. */
export function replyTo({ id, question }: Heard, records: NameRecords): Buffer {
  return encode({
    type: "response",
    id,
    flags: AUTHORITATIVE_ANSWER,
    questions: question ?? [],
    answers: addressRecords(records, OUTSIDER_TTL_SECONDS, false),
  });
}

/**
 * Asks whether somebody has the name, and says what we want it to be. It does not ask for a reply to us alone: several
 * programs share the port, and the system would give such a reply to any of them.
 */
export function probe({ name, addresses }: NameRecords): Buffer {
  return encode({
    type: "query",
    // The library can encode the type ANY, which its types do not know.
    questions: [{ name, type: "ANY" as "A" }],
    authorities: addressRecords({ name, addresses }, TTL_SECONDS, false),
  });
}

/** An ordinary question for the addresses of a name. */
export function questionFor(name: string): Buffer {
  return encode({ type: "query", id: 1, questions: [{ name, type: "A" }] });
}

/**
 * Which of two computers gets the name if both ask for it at the same moment: the one whose records come later
 * (section 8.2). @returns below 0 if the other one does, 0 if they want the same.
 */
export function compareRecords(ours: readonly string[], theirs: readonly HeardRecord[]): number {
  const mine = ours.map((address) => sortKey(address.includes(":") ? "AAAA" : "A", address)).sort();
  const others = theirs.map(({ type, address }) => sortKey(type, address)).sort();
  for (const [i, key] of mine.entries()) {
    const other = others[i];
    if (other === undefined) return 1;
    if (key !== other) return key < other ? -1 : 1;
  }
  return mine.length - others.length;
}

function heardRecord(record: Answer): HeardRecord {
  const isAddress = record.type === "A" || record.type === "AAAA";
  const ttl = "ttl" in record ? (record.ttl ?? 0) : 0;
  return { type: record.type, address: isAddress ? record.data : "", ttl };
}

function addressRecords({ name, addresses }: NameRecords, ttl: number, flush: boolean): Answer[] {
  return addresses.map((data) => ({ type: data.includes(":") ? "AAAA" : "A", name, ttl, flush, data }));
}

/**
 * Says that the name has no other records. Without it, a computer that asks for an IPv6 address, too, waits for it for
 * seconds (section 6.1).
 */
function nothingElse({ name, addresses }: NameRecords): Answer {
  const rrtypes = [...new Set(addresses.map((each) => (each.includes(":") ? "AAAA" : "A")))];
  return { type: "NSEC", name, ttl: TTL_SECONDS, flush: true, data: { nextDomain: name, rrtypes } };
}

const TYPE_NUMBERS: Record<string, number> = { A: 1, AAAA: 28 };
/** For every other type of record. Which one it is hardly matters: ours come first. */
const LAST_TYPE = 255;

/** Sorts as section 8.2 says: by the type, then byte by byte. */
function sortKey(type: string, address: string): string {
  const bytes = encodeAddress(address).toString("hex");
  return `${(TYPE_NUMBERS[type] ?? LAST_TYPE).toString(16).padStart(4, "0")} ${bytes}`;
}

function encodeAddress(address: string): Buffer {
  if (!address.includes(":")) return Buffer.from(address.split(".").map(Number));
  const length = 16;
  // The library writes an address at the end of a record.
  const packet = encode({ type: "response", answers: [{ type: "AAAA", name: "a", data: address }] });
  return packet.subarray(packet.length - length);
}
