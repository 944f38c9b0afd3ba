/**
 * The digest that tells a retry from another message with the same Idempotency-Key. Both stores keep it with the message,
 * and a message may move from one to the other: so both must make it in the same way.
 */
import { hash } from "node:crypto";
import type { Draft } from "./contract.ts";

/** Hexadecimal digits: 64 bits. */
const DIGITS = 16;

export function digestOf({ toId, message }: Draft): string {
  return hash("sha256", `${toId}\n${message}`).slice(0, DIGITS);
}
