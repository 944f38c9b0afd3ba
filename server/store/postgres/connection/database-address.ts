/**
 * The address of a database, such as `postgres://user:password@host:5432/name`. Several hosts have commas between them,
 * so it is not quite a URL. No sentence that this makes has the password in it.
 */

/** Its parts: up to the user, user and password, hosts, and the rest. A password may have an `@` in it. */
const PARTS = /^(postgres(?:ql)?:\/\/)(?:([^/?#]*)@)?([^/?#]*)(.*)$/;

/** Whether somebody means a database and not a folder. */
export function isDatabaseAddress(text: string): boolean {
  return /^postgres(?:ql)?:\/\/\S+$/.test(text);
}

/** Why nobody can use this address, or undefined. Mostly, a character of the password means something in a URL. */
export function problemOfAddress(address: string): string | undefined {
  const { rest } = partsOf(address);
  const [name = ""] = rest.split("?");
  if (!name.includes("@") && hostsOf(address).every(isUrl)) return undefined;
  return (
    "The address of the database cannot be read. Write it as postgres://USER:PASSWORD@HOST:5432/DATABASE. In the " +
    "password, write % as %25, @ as %40, : as %3A, / as %2F, ? as %3F and # as %23"
  );
}

/** The address as a log may show it. */
export function withoutPassword(address: string): string {
  const { scheme, user, hosts, rest } = partsOf(address);
  const [name] = user?.split(":") ?? [];
  const before = name === undefined ? scheme : `${scheme}${name}@`;
  return before + hosts + rest.replace(/([?&]password=)[^&]*/g, "$1…");
}

/**
 * The same address once for each of its hosts. Which of them is the primary is found out by asking, so the driver's own
 * choice (`target_session_attrs`) is left out.
 */
export function hostsOf(address: string): string[] {
  const { scheme, user, hosts, rest } = partsOf(address.replace(/([?&])target_session_attrs=[^&]*&?/, "$1"));
  const before = user === undefined ? scheme : `${scheme}${user}@`;
  return hosts.split(",").map((host) => before + host + rest);
}

/**
 * The driver (postgres 3.4) takes an IPv6 address apart at its colons. @param address with one host.
 * @returns its host and port as options of the driver. Nothing for any other host.
 */
export function ofIpv6(address: string): { host?: string[]; port?: number[] } {
  const [, host, port = "5432"] = /^\[([\da-fA-F:.]+)\](?::(\d+))?$/.exec(hostName(address)) ?? [];
  return host === undefined ? {} : { host: [host], port: [Number(port)] };
}

/** `host:port`, for the log. */
export function hostName(address: string): string {
  return partsOf(address).hosts;
}

function partsOf(address: string): { scheme: string; user: string | undefined; hosts: string; rest: string } {
  const [, scheme = "", user, hosts = "", rest = ""] = PARTS.exec(address) ?? [];
  return { scheme, user, hosts, rest };
}

/** Whether the driver can take it apart: it decodes the user and the password. */
function isUrl(address: string): boolean {
  try {
    const { username, password } = new URL(address);
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}
