/**
 * Under which addresses other machines of the network reach this one.
 */
import { networkInterfaces } from "node:os";

/** As URLs, without a slash at the end. Empty where this machine is in no network. */
export function networkAddresses(port: number): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => `http://${address}:${port}`);
}
