/**
 * Puts the parts of a server together: the store, what is live, and the app that listens. serve.ts does it at the start,
 * and again whenever there are other data.
 */
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { type ChosenStore, openChosenStore } from "./chosen-store.ts";
import { createApp } from "./http/app.ts";
import { localNetworks, ownAddress } from "./http/routes/network-addresses.ts";
import { Live } from "./live/live.ts";
import { LocalName } from "./local-name/local-name.ts";
import { watchSecret } from "./secret-watch.ts";
import type { Settings } from "./settings.ts";
import { problemOfSecret } from "./steps/class-secret-problem.ts";
import type { Lock } from "./store/files/lock.ts";

/** How long requests in flight may take to end when the server stops. Docker kills it after ten seconds. */
const STOP_MILLISECONDS = 8_000;

/** A server that accepts requests. */
export interface Running extends ChosenStore {
  /** Its URL for this computer. */
  address: string;
  /** The IP address that it listens on. */
  boundTo: string;
  port: number;
  /** Accepts no more requests, and returns when those in flight have their replies. The store stays open. */
  stopServing: () => Promise<void>;
}

/** What stays while the server opens its data again. */
export interface Beside {
  /** Undefined if the server has no name on the local network. */
  localName: LocalName | undefined;
  /** Called when the class is put away. */
  onOtherClass: () => void;
}

/** @param lock the lock of the data folder, if this server is reopening it. */
export async function start(settings: Settings, log: Logger, beside: Beside, lock?: Lock): Promise<Running> {
  const { trustedProxies, allowedOrigins, allowedHosts, maxConnections } = settings;
  const live = new Live({ openForEach: settings.openForEach });
  const { store, files } = await openChosenStore(settings, { log, live, lock, onOtherClass: beside.onOtherClass });
  try {
    const access = { trustedProxies, allowedOrigins, allowedHosts, maxConnections };
    const app = await createApp({ store, live, log, localName: beside.localName, ...access });
    await app.listen({ host: settings.host, port: settings.port });
    const endSecretWatch = files && watchSecret(() => problemOfSecret(files.secret.read()), log);
    const stopServing = async () => {
      endSecretWatch?.();
      const deadline = setTimeout(() => app.server.closeAllConnections(), STOP_MILLISECONDS);
      live.close();
      await app.close();
      clearTimeout(deadline);
    };
    const { port, address: boundTo } = app.server.address() as AddressInfo;
    return { address: ownAddress(port, boundTo), boundTo, port, store, files, stopServing };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** @returns undefined if the server has no name on the local network. */
export function createLocalName({ localName }: Settings, log: Logger, boundTo: () => string): LocalName | undefined {
  if (localName === undefined) return undefined;
  return new LocalName({
    name: localName,
    networks: () => localNetworks(boundTo()),
    report: (level, sentence) => log[level](sentence),
  });
}
