/**
 * Makes tokens that show damage: the last four bytes of a token are the CRC-32 of the others. As the seed demands, a
 * token's file holds nothing else, so a wrong bit must show in the token itself. Guessing does not get easier: 160
 * random bits are left.
 */
import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const RANDOM_BYTES = 20;
const CRC_BYTES = 4;

/** 24 bytes are 32 characters in base64url. All of them are safe in a URL, a header and a shell command. */
export function makeAuthToken(): string {
  const random = randomBytes(RANDOM_BYTES);
  return Buffer.concat([random, checkOf(random)]).toString("base64url");
}

/** Whether a token is as this server makes them: neither written by hand nor damaged. */
export function isAsMade(authToken: string): boolean {
  const bytes = Buffer.from(authToken, "base64url");
  if (bytes.length !== RANDOM_BYTES + CRC_BYTES || bytes.toString("base64url") !== authToken) return false;
  return bytes.subarray(RANDOM_BYTES).equals(checkOf(bytes.subarray(0, RANDOM_BYTES)));
}

function checkOf(random: Buffer): Buffer {
  const check = Buffer.alloc(CRC_BYTES);
  check.writeUInt32BE(crc32(random));
  return check;
}
