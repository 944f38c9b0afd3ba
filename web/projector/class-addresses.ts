/**
 * Which addresses the projector shows to the class. projector.ts asks for them.
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
