/**
 * Why a database cannot be used, and what to do about it: what the errors of PostgreSQL, of the driver and of the network
 * mean to the person who starts a server or types a command. Errors of requests are in database-errors.ts.
 */
import { codeOf } from "../../error-code.ts";
import { DatabaseProblem } from "./database-problem.ts";
import { TooLate } from "./deadline.ts";

export interface Why {
  /** In a few words, without a full stop. */
  reason: string;
  /** What to do, in a sentence. */
  advice: string;
}

const NOBODY_THERE =
  "Is PostgreSQL running there, at this port (pg_lsclusters)? Does it listen to other computers (listen_addresses)?";
const NO_ANSWER = "Is the computer on, and does its firewall let you through?";
/** Looking at a host also commits something there. */
const STUCK =
  "Is the computer on, and does its firewall let you through? Or does it wait for a synchronous standby? ./plainchat doctor --store says more.";
const CREDENTIALS =
  "The password is in the address (postgres://USER:PASSWORD@HOST/DATABASE) or in PGPASSWORD. To set another: alter role USER password '…'";
const NOT_TRUSTED =
  "Set NODE_EXTRA_CA_CERTS to the file with the certificate of the authority that has signed it, and use a name that is in it.";
const OWNER = "Use the owner of the database, or make this user the owner: alter database NAME owner to USER";

const BY_CODE: Record<string, Why | ((message: string) => Why)> = {
  ECONNREFUSED: { reason: "nothing answers at this address", advice: NOBODY_THERE },
  ENOENT: { reason: "there is no socket at this path", advice: NOBODY_THERE },
  ENOTFOUND: { reason: "there is no computer of this name", advice: "Is the host in the address right?" },
  EAI_AGAIN: { reason: "there is no computer of this name", advice: "Is the host in the address right?" },
  EHOSTUNREACH: { reason: "the computer cannot be reached", advice: NO_ANSWER },
  ENETUNREACH: { reason: "the computer cannot be reached", advice: NO_ANSWER },
  CONNECT_TIMEOUT: { reason: "it does not answer", advice: NO_ANSWER },
  // With scram-sha-256, PostgreSQL says the same if there is no such user.
  "28P01": { reason: "the password is wrong, or there is no such user", advice: CREDENTIALS },
  "28000": (message) => ({
    reason: `this user may not connect (${message})`,
    advice: "Add a line for it to pg_hba.conf, on the computer with the database, then: select pg_reload_conf()",
  }),
  "3D000": {
    reason: "there is no database of this name",
    advice: "Create it: createdb --owner USER --encoding UTF8 --template template0 NAME",
  },
  "42501": { reason: "this user may not do that there", advice: OWNER },
  "25006": {
    reason: "it takes no changes (default_transaction_read_only is on, or it is a standby)",
    advice: "If it is no standby: alter database NAME reset default_transaction_read_only",
  },
  "53100": { reason: "its disk is full", advice: "Make room on the computer with the database (df)." },
  "53300": {
    reason: "it has no connection left",
    advice: "Raise max_connections in postgresql.conf and restart PostgreSQL. Each server takes up to 12.",
  },
  "55P03": {
    reason: "somebody else is changing it, perhaps in another terminal",
    advice: "Try again when that is done.",
  },
  "57P03": { reason: "it is just starting or stopping", advice: "Try again in a moment." },
  // PgBouncer refuses what it does not know when a connection begins.
  "08P01": (message) => ({
    reason: message,
    advice: "Is there a pooler in front? docs/guides/database.md says what it needs (A pooler).",
  }),
  ECONNRESET: {
    reason: "it has ended the connection",
    advice: "If the address has sslmode=…: does PostgreSQL there have ssl = on?",
  },
  CERT_HAS_EXPIRED: { reason: "its certificate has expired", advice: "Put a new one into its folder, and reload it." },
  ERR_TLS_CERT_ALTNAME_INVALID: (message) => ({ reason: message, advice: NOT_TRUSTED }),
  DEPTH_ZERO_SELF_SIGNED_CERT: { reason: "nobody has signed its certificate", advice: NOT_TRUSTED },
  SELF_SIGNED_CERT_IN_CHAIN: { reason: "nobody here trusts who has signed its certificate", advice: NOT_TRUSTED },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { reason: "nobody here trusts who has signed its certificate", advice: NOT_TRUSTED },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    reason: "nobody here trusts who has signed its certificate",
    advice: NOT_TRUSTED,
  },
};

export function whyUnusable(error: unknown): Why {
  return known(error) ?? { reason: messageOf(error), advice: "Try the same address with psql." };
}

/** A sentence for the person who starts a server. An error that nobody knows stays as it is. */
export function asProblem(error: unknown): unknown {
  if (error instanceof DatabaseProblem) return new DatabaseProblem(inOneText([whyUnusable(error)]));
  // The store's own error for it says less.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const why = known(cause);
  return why === undefined ? error : new DatabaseProblem(`the database cannot be used: ${inOneText([why])}`);
}

/** Several reasons as one sentence, and what to do about each. */
export function inOneText(whys: Why[]): string {
  const reasons = whys.map(({ reason }) => reason).join("; ");
  const advices = new Set(whys.map(({ advice }) => advice).filter((advice) => advice !== ""));
  return advices.size === 0 ? reasons : `${reasons}. ${[...advices].join(" ")}`;
}

/** Undefined if it is an error that we did not expect. */
export function known(error: unknown): Why | undefined {
  if (error instanceof DatabaseProblem) return { reason: error.message, advice: error.advice };
  if (error instanceof TooLate) return { reason: error.message, advice: STUCK };
  const why = BY_CODE[codeOf(error) ?? ""];
  return typeof why === "function" ? why(messageOf(error)) : why;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
