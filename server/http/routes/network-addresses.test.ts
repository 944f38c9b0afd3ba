/**
 * Tests which addresses a class is offered, with the network interfaces of several computers.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isLoopback, localNetworks, networkAddresses, ownAddress } from "./network-addresses.ts";

const MAC = "b8:27:eb:00:00:01";

/** @param addresses by the name of the interface; a MAC address may follow after a blank. */
function interfacesWith(addresses: Record<string, string[]>) {
  return Object.fromEntries(
    Object.entries(addresses).map(([name, all]) => [
      name,
      all.map((each) => {
        const [address = "", mac = MAC] = each.split(" ");
        const rest = { address, mac, netmask: "", cidr: null, internal: name === "lo" };
        return address.includes(":")
          ? { ...rest, family: "IPv6" as const, scopeid: 0 }
          : { ...rest, family: "IPv4" as const };
      }),
    ]),
  );
}

const LAPTOP = interfacesWith({
  docker0: ["172.17.0.1"],
  "br-0123456789ab": ["172.18.0.1"],
  vethf00: ["fe80::3"],
  "vEthernet (WSL (Hyper-V firewall))": ["172.20.32.1"],
  "Ethernet 2": ["192.168.56.1 0a:00:27:00:00:05"],
  "VMware Network Adapter VMnet8": ["192.168.183.1"],
  "Ethernet 3": ["169.254.10.20"],
  tun0: ["10.8.0.2"],
  lo: ["127.0.0.1", "::1"],
  "Wi-Fi": ["2001:db8::7", "192.168.1.20", "fe80::1"],
});
const urlsAt = (boundTo: string, interfaces = LAPTOP) =>
  networkAddresses(8080, boundTo, { interfaces, inside: "nothing" }).map(({ url, virtual }) =>
    virtual === undefined ? url : `${url} ${virtual}`,
  );

test("a server on all addresses is offered at the real ones first, and the virtual ones say what they are", () => {
  const wanted = [
    "http://192.168.1.20:8080",
    "http://172.17.0.1:8080 Docker",
    "http://172.18.0.1:8080 Docker",
    "http://172.20.32.1:8080 WSL",
    "http://192.168.56.1:8080 VirtualBox",
    "http://192.168.183.1:8080 VMware",
    "http://169.254.10.20:8080 no network gave this address",
    "http://10.8.0.2:8080 VPN",
  ];
  assert.deepEqual(urlsAt("0.0.0.0"), wanted);
  assert.deepEqual(urlsAt("::"), [wanted[0], "http://[2001:db8::7]:8080", ...wanted.slice(1)]);
});

test("a server on one address is offered at that one only, and a server for this computer nowhere", () => {
  assert.deepEqual(urlsAt("192.168.1.20"), ["http://192.168.1.20:8080"]);
  assert.deepEqual(urlsAt("2001:db8::7"), ["http://[2001:db8::7]:8080"]);
  assert.deepEqual(urlsAt("172.17.0.1"), ["http://172.17.0.1:8080 Docker"]);
  for (const loopback of ["127.0.0.1", "127.1.2.3", "::1"]) {
    assert.deepEqual(urlsAt(loopback), []);
    assert.ok(isLoopback(loopback));
  }
  for (const open of ["0.0.0.0", "::", "192.168.1.20", "2001:db8::7"]) assert.ok(!isLoopback(open), open);
});

test("interfaces with ordinary names are real, whatever their addresses look like", () => {
  for (const name of [
    "eth0",
    "en0",
    "wlan0",
    "br-lan",
    "br0",
    "bridge100",
    "vEthernet (External)",
    "Local Area Connection",
  ])
    assert.deepEqual(urlsAt("0.0.0.0", interfacesWith({ [name]: ["172.16.4.5"] })), ["http://172.16.4.5:8080"], name);
});

test("inside WSL or a container, the inner network is marked", () => {
  const interfaces = interfacesWith({ eth0: ["172.17.0.2"], eth1: ["192.168.1.9"] });
  assert.deepEqual(networkAddresses(8080, "0.0.0.0", { interfaces, inside: "a container" }), [
    { url: "http://192.168.1.9:8080", virtual: undefined },
    { url: "http://172.17.0.2:8080", virtual: "inside a container" },
  ]);
});

test("this computer reaches the server at the address that it listens on, or at its own", () => {
  assert.equal(ownAddress(8080, "0.0.0.0"), "http://127.0.0.1:8080");
  assert.equal(ownAddress(8080, "::"), "http://[::1]:8080");
  assert.equal(ownAddress(8080, "::1"), "http://[::1]:8080");
  assert.equal(ownAddress(8080, "192.168.1.20"), "http://192.168.1.20:8080");
});

test("only real networks with IPv4 get the name, with the addresses at which the server listens", () => {
  const interfaces = interfacesWith({
    lo: ["127.0.0.1"],
    eth0: ["192.168.1.20", "192.168.1.21", "2001:db8::20", "fe80::20"],
    wlan0: ["fd00::7"],
    docker0: ["172.17.0.1"],
    tun0: ["10.8.0.2"],
  });
  const networks = (boundTo: string) =>
    localNetworks(boundTo, { interfaces, inside: "nothing" }).map(({ addresses }) => addresses.join(" "));
  assert.deepEqual(networks("0.0.0.0"), ["192.168.1.20 192.168.1.21"]);
  assert.deepEqual(networks("::"), ["192.168.1.20 192.168.1.21 2001:db8::20"]);
  assert.deepEqual(networks("192.168.1.21"), ["192.168.1.21"]);
  assert.deepEqual(networks("172.17.0.1"), []);
  assert.deepEqual(networks("127.0.0.1"), []);
});
