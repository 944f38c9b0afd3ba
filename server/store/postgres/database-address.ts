/**
 * The address of a database, such as `postgres://user:password@host:5432/name`. Several hosts have commas between them,
 * so it is not quite a URL.
 */

/** Whether it is an address of PostgreSQL. */
export function isDatabaseAddress(text: string): boolean {
  return /^postgres(?:ql)?:\/\/\S+$/.test(text);
}

/** The address as a log may show it. */
export function withoutPassword(address: string): string {
  return address.replace(/^(postgres(?:ql)?:\/\/[^:@/]*):[^@/]*@/, "$1@").replace(/([?&]password=)[^&]*/g, "$1…");
}

/**
 * The same address once for each of its hosts. Which of them is the primary is found out by asking, so the driver's own
 * choice (`target_session_attrs`) is left out.
 */
export function hostsOf(address: string): string[] {
  const [, before = "", hosts = "", after = ""] =
    /^(\w+:\/\/(?:[^@/]*@)?)([^/?]*)(.*)$/.exec(address.replace(/([?&])target_session_attrs=[^&]*&?/, "$1")) ?? [];
  return hosts.split(",").map((host) => before + host + after);
}

/** `host:port`, for the log. */
export function hostName(address: string): string {
  return address.replace(/^\w+:\/\/(?:[^@/]*@)?/, "").replace(/[/?].*$/, "");
}
