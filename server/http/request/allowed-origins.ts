/**
 * The origins of `--allow-origin`: whose pages may use the server from a browser. An origin is the scheme, the host and
 * the port of a page's address. settings.ts reads them, and foreign-pages.ts asks for each request of a page.
 */
import { BlockList, isIP } from "node:net";

/** Every page. */
const ANY = "*";
/** Every page that comes from this computer, or from a computer on the same local network. */
const LOCAL = "local";
/** What browsers send for a page that was opened as a file. */
const FILE = "null";

/** The addresses that only a local network uses, and the computer itself. */
const PRIVATE = new BlockList();
for (const [address, bits] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
] as const) {
  PRIVATE.addSubnet(address, bits, "ipv4");
}
for (const [address, bits] of [
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  PRIVATE.addSubnet(address, bits, "ipv6");
}

/** @throws {Error} with a sentence for the person at the terminal. @returns the origin as browsers write it. */
export function readOrigin(text: string): string {
  if ([ANY, LOCAL, FILE].includes(text)) return text;
  const url = URL.parse(text);
  const hasMore = url === null || url.host === "" || !["", "/"].includes(url.pathname) || url.search + url.hash !== "";
  if (hasMore || url.username !== "") {
    throw new Error(`"${text}" is not an origin. Write it like this: http://localhost:3000, with no path after it`);
  }
  return `${url.protocol}//${url.host}`;
}

export class AllowedOrigins {
  readonly #origins: Set<string>;

  /** @param origins as readOrigin() returns them. */
  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
  }

  get isEmpty(): boolean {
    return this.#origins.size === 0;
  }

  /** Whether every page is allowed. */
  get hasAll(): boolean {
    return this.#origins.has(ANY);
  }

  /** @param origin the value of a request's `Origin`. */
  has(origin: string): boolean {
    return this.hasAll || this.#origins.has(origin) || (this.#origins.has(LOCAL) && isLocal(origin));
  }
}

function isLocal(origin: string): boolean {
  const host = URL.parse(origin)?.hostname.replace(/^\[|\]$/g, "") ?? "";
  const version = isIP(host);
  return version === 0 ? host === "localhost" : PRIVATE.check(host, version === 4 ? "ipv4" : "ipv6");
}
