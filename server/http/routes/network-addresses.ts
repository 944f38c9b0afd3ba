/**
 * Finds the addresses at which other computers on the network can reach this one. The addresses of virtual networks,
 * such as Docker's, come last and say what they are: the class cannot use them. The banner, the projector and
 * `plainchat doctor` ask for them.
 */
import { existsSync } from "node:fs";
import { BlockList, isIP } from "node:net";
import { type NetworkInterfaceInfo, networkInterfaces, release } from "node:os";

export interface NetworkAddress {
  /** Without a slash at the end. */
  url: string;
  /** What kind of network it belongs to, if the class probably cannot reach it: "Docker". */
  virtual: string | undefined;
}

/** A real network of this computer, for multicast DNS. */
export interface LocalNetwork {
  /** The IPv4 address of this computer there. */
  address: string;
  /** How many bits of the address all computers of the network share. */
  prefix: number;
  /** All addresses there at which the server can be reached, IPv4 first. */
  addresses: string[];
  /** The name of the interface and its address: whether it is still the same network. */
  key: string;
}

type Interfaces = ReturnType<typeof networkInterfaces>;

/** By the name of the interface. A bridge of Docker has twelve hexadecimal digits, and `br-lan` is a real one. */
const VIRTUAL_NAMES: readonly [name: RegExp, kind: string][] = [
  [/^(docker|veth|br-[0-9a-f]{12}$)/, "Docker"],
  [/^(podman|cni|flannel|cali|lxc|lxd)/, "containers"],
  [/\bWSL\b/, "WSL"],
  [/^(vboxnet|VirtualBox)/, "VirtualBox"],
  [/^(vmnet|VMware)/, "VMware"],
  [/^virbr|Default Switch/, "virtual machines"],
  [/^(tun|tap|utun|wg|ppp|zt|tailscale)\d*|VPN|WireGuard|Tailscale|ZeroTier|\bTAP-/i, "VPN"],
];
/** VirtualBox on Windows calls its interface "Ethernet 2", but all of its interfaces begin like this. */
const VIRTUALBOX_MAC = "0a:00:27";

const IPV4_BITS = 32;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");
/** What a computer takes for itself if no network gave it an address. */
const SELF_GIVEN = new BlockList();
SELF_GIVEN.addSubnet("169.254.0.0", 16, "ipv4");
/** The usual network between a computer and its containers, and between Windows and WSL. */
const INNER = new BlockList();
INNER.addSubnet("172.16.0.0", 12, "ipv4");

/**
 * @param boundTo the IP address that the server listens on: `0.0.0.0` means all of IPv4, and `::` all there are.
 * @returns the real ones first. Empty if no other computer can reach the server.
 */
export function networkAddresses(
  port: number,
  boundTo: string,
  { interfaces = networkInterfaces(), inside = whatWeAreInside(interfaces) }: Surroundings = {},
): NetworkAddress[] {
  const found = Object.entries(interfaces)
    .flatMap(([name, addresses = []]) => addresses.map((each) => ({ ...each, name })))
    .filter(({ internal, address }) => !internal && isServed(address, boundTo))
    .map(({ name, mac, address }) => ({
      url: `http://${hostOf(address)}:${port}`,
      virtual: virtualKind(name, mac, address, inside),
      isShort: isIP(address) === 4,
    }));
  const rank = ({ virtual, isShort }: (typeof found)[number]) => (virtual === undefined ? 0 : 2) + (isShort ? 0 : 1);
  return found.toSorted((a, b) => rank(a) - rank(b)).map(({ url, virtual }) => ({ url, virtual }));
}

/** @param boundTo as above. @returns the real networks with IPv4 on which the server can be reached. */
export function localNetworks(
  boundTo: string,
  { interfaces = networkInterfaces(), inside = whatWeAreInside(interfaces) }: Surroundings = {},
): LocalNetwork[] {
  return Object.entries(interfaces).flatMap(([name, all = []]) => {
    const isReal = ({ internal, address, mac }: NetworkInterfaceInfo) =>
      !internal && isServed(address, boundTo) && virtualKind(name, mac, address, inside) === undefined;
    const served = all.filter(isReal);
    const ipv4 = served.filter(({ address }) => isIP(address) === 4);
    const ipv6 = served.filter(({ address }) => isIP(address) === 6);
    return ipv4.slice(0, 1).map(({ address, cidr, mac }) => ({
      address,
      prefix: Number(cidr?.split("/")[1] ?? IPV4_BITS),
      addresses: [...ipv4, ...ipv6].map((each) => each.address),
      key: [name, mac, ...served.map((each) => each.cidr)].join(" "),
    }));
  });
}

/** What tests replace. */
interface Surroundings {
  interfaces?: Interfaces;
  /** Set if the server runs in something that has a network of its own. */
  inside?: "WSL" | "a container" | "nothing";
}

/** @returns the address of the server for this computer itself. */
export function ownAddress(port: number, boundTo: string): string {
  const address = { "0.0.0.0": "127.0.0.1", "::": "::1" }[boundTo] ?? boundTo;
  return `http://${hostOf(address)}:${port}`;
}

/** Whether only this computer can reach a server that listens on this address. */
export function isLoopback(boundTo: string): boolean {
  return contains(LOOPBACK, boundTo);
}

/** An IPv6 address of a link needs the name of an interface after it, which browsers do not accept. */
function isServed(address: string, boundTo: string): boolean {
  if (address.toLowerCase().startsWith("fe80:")) return false;
  if (boundTo === "::") return true;
  return boundTo === "0.0.0.0" ? isIP(address) === 4 : address === boundTo;
}

function virtualKind(name: string, mac: string, address: string, inside: string): string | undefined {
  const [, kind] = VIRTUAL_NAMES.find(([pattern]) => pattern.test(name)) ?? [];
  if (kind !== undefined) return kind;
  if (mac.startsWith(VIRTUALBOX_MAC)) return "VirtualBox";
  if (contains(SELF_GIVEN, address)) return "no network gave this address";
  return inside !== "nothing" && contains(INNER, address) ? `inside ${inside}` : undefined;
}

/** A container with the network of its computer has Docker's bridge, too, and is no network of its own. */
function whatWeAreInside(interfaces: Interfaces): Required<Surroundings>["inside"] {
  if (/microsoft/i.test(release())) return "WSL";
  const isContainer = existsSync("/.dockerenv") || existsSync("/run/.containerenv");
  return isContainer && interfaces.docker0 === undefined ? "a container" : "nothing";
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function hostOf(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}
