/**
 * The names under which a browser may reach the server. A website can let its own name point to this computer (DNS
 * rebinding). The browser then takes our replies for that website's and lets it read them, so in class mode a request
 * for an unknown name is refused. An IP address in `Host` is always fine: nobody can let it point elsewhere.
 */
import { isIP } from "node:net";
import { hostname } from "node:os";

/** The name in a `Host` header, or an IPv6 address in brackets, without the port. */
const NAME = /^(\[[^[\]]*\]|[^:[\]]*)(?::\d*)?$/;
const MAX_REMEMBERED = 64;

/** @throws {Error} with a sentence for the person at the terminal. @returns the name as browsers write it. */
export function readHost(text: string): string {
  const url = URL.parse(`http://${text}`);
  if (url === null || url.href !== `${url.origin}/`) {
    throw new Error(`"${text}" is not the name of a server. Write it like this: chat.example.org`);
  }
  return url.hostname;
}

export class KnownHosts {
  readonly #names: Set<string>;
  /** Headers that were fine, so that nearly every request costs one look-up. */
  readonly #remembered = new Set<string>();

  /** @param names that the server has beside `localhost` and the name of this computer. */
  constructor(names: readonly string[]) {
    const [ownName = ""] = hostname().split(".");
    const all = ["localhost", hostname(), ownName, `${ownName}.local`, ...names];
    this.#names = new Set(all.map((name) => name.toLowerCase()));
  }

  /** @param header the value of `Host`. HTTP/1.0 may leave it out, but no browser does. */
  has(header: string | undefined): boolean {
    if (header === undefined || this.#remembered.has(header)) return true;
    const name = NAME.exec(header)?.[1]?.toLowerCase().replace(/\.$/, "");
    if (name === undefined) return false;
    if (isIP(name.replace(/^\[|\]$/g, "")) === 0 && !this.#names.has(name)) return false;
    if (this.#remembered.size < MAX_REMEMBERED) this.#remembered.add(header);
    return true;
  }
}
