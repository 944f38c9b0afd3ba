/**
 * Which addresses the projector and the teacher's page show to the class, and which of them the QR code has.
 */

/**
 * @param opened the origin with which the projector was opened. If it works for this browser, it works for the class,
 * also when there is a proxy that the server does not know. Only a name for this computer itself works for nobody else.
 * @param known the addresses that the server found on its networks.
 * @returns the best first. Empty if nobody else can reach the server.
 */
export function classAddresses(opened: string, known: readonly string[]): string[] {
  const { hostname } = new URL(opened);
  const isHere = /^(localhost|.*\.localhost|127\..*|0\.0\.0\.0|\[::1?\])$/.test(hostname);
  return [...new Set(isHere ? known : [opened, ...known])];
}

/**
 * The address in the QR code, and the other one that is shown beside it. A name such as `plainchat.local` is easy to
 * type, and stays the same when the server's IP address changes. But Android before version 12 does not find it, so the
 * QR code, which nobody types, has an IP address if there is one.
 *
 * @param shown the address that was chosen. @param all as classAddresses() returns them.
 */
export function waysIn(shown: string, all: readonly string[]): { scanned: string; other: string | undefined } {
  const others = all.filter((each) => isLocalName(each) !== isLocalName(shown));
  const [other] = others;
  return { scanned: isLocalName(shown) ? (other ?? shown) : shown, other };
}

function isLocalName(address: string): boolean {
  return new URL(address).hostname.endsWith(".local");
}
