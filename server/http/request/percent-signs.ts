/**
 * Refuses a URL whose percent signs cannot be decoded, in its path or in its query string. Fastify would take such a
 * query as it is, and a message would be stored with percent signs that nobody wrote. head-checks.ts calls it for each
 * request that can have a query string, and create-fastify.ts for a path that Fastify cannot read.
 */
import { Refusal } from "../../steps/refusal.ts";

export function refusalForPercentSigns(url: string): Refusal | undefined {
  if (isDecodable(url)) return undefined;
  const detail = /%(?![0-9a-f]{2})/i.test(url)
    ? "A percent sign in a URL must be followed by two hexadecimal digits. Write the percent sign itself as %25."
    : "The bytes with percent signs in a URL must be those of UTF-8: é is %C3%A9, not %E9.";
  return new Refusal(400, detail, nameIn(url));
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The input that cannot be decoded, if its name looks like one. The client may have sent anything as a name. */
function nameIn(url: string): string | undefined {
  const pieces = url.slice(url.indexOf("?") + 1).split("&");
  const name = pieces.find((piece) => !isDecodable(piece))?.split("=", 1)[0] ?? "";
  return /^\w{1,32}$/.test(name) ? name : undefined;
}
