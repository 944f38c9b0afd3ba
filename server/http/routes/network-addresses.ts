/**
 * Finds the addresses at which other computers on the network can reach this one.
 */
import { networkInterfaces } from "node:os";

/** @returns URLs without a slash at the end, or an empty list if this computer is not on a network. */
export function networkAddresses(port: number): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => `http://${address}:${port}`);
}
