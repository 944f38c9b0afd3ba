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
