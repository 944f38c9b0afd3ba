/**
 * What a class needs to begin with, in class mode: `GET /api/v1/class` says where the server is and who is here,
 * `GET /api/v1/class/secret` says the class secret to the teacher. Who the teacher is shows the projector's key, which
 * the server makes up anew at each start and prints on its terminal, and nowhere else.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { Refusal } from "../../steps/refusal.ts";
import type { Secret, Users } from "../../store/contract.ts";
import { networkAddresses } from "./network-addresses.ts";

/** More names than these are not shown on a wall. */
export const MAX_SHOWN_USERS = 500;

export interface Classroom {
  users: Users;
  secret: Secret;
  /** Undefined where this is not class mode. */
  projectorKey: string | undefined;
}

export function addClassRoutes(app: FastifyInstance, { users, secret, projectorKey }: Classroom): void {
  const keyOrRefuse = (): string => {
    if (projectorKey === undefined) throw new Refusal(404, "This is not class mode: npm start -- --class");
    return projectorKey;
  };
  app.get("/api/v1/class", (request, reply) => {
    keyOrRefuse();
    reply.send({
      addresses: networkAddresses(request.socket.localPort ?? 0),
      users: users.list(0, MAX_SHOWN_USERS),
    });
  });
  app.get("/api/v1/class/secret", (request, reply) => {
    const [, given] = /^Bearer ([\w-]+)$/.exec(request.headers.authorization ?? "") ?? [];
    if (!isEqual(given ?? "", keyOrRefuse())) {
      throw new Refusal(403, "Open the projector with the line that the server printed at its start: it has the key.");
    }
    reply.send({ secret: secret.open()?.text ?? null });
  });
}

/** In a time that says nothing about the key. */
function isEqual(given: string, key: string): boolean {
  const [a, b] = [given, key].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
