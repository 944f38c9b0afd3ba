/**
 * The two routes for class mode. `GET /api/v1/class` says where the server is and which users there are.
 * `GET /api/v1/class/secret` gives the class secret to the teacher, who proves it with the projector's key. The server
 * makes a new key at each start, and must show it nowhere but on its terminal.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { coverSecrets } from "../../secrecy/looks-secret.ts";
import { Refusal } from "../../steps/refusal.ts";
import type { Secret, Users } from "../../store/contract.ts";
import { networkAddresses } from "./network-addresses.ts";

/** The projector has no room for more names. */
const MAX_SHOWN_USERS = 500;

interface Classroom {
  users: Users;
  secret: Secret;
  /** Undefined if the server is not in class mode. */
  projectorKey: string | undefined;
}

export function addClassRoutes(app: FastifyInstance, { users, secret, projectorKey }: Classroom): void {
  const keyOrRefuse = (): string => {
    if (projectorKey === undefined)
      throw new Refusal(404, "The server is not in class mode. To start it in class mode: npm start -- --class");
    return projectorKey;
  };
  app.get("/api/v1/class", (_request, reply) => {
    keyOrRefuse();
    const { address, port } = app.server.address() as AddressInfo;
    const real = networkAddresses(port, address).filter(({ virtual }) => virtual === undefined);
    reply.send({
      addresses: real.map(({ url }) => url),
      users: users.list(0, MAX_SHOWN_USERS).map(({ userId, userHandle }) => {
        // Somebody may have typed the class secret as a handle, and anybody on the network can see this list.
        return { userId, userHandle: coverSecrets(userHandle) };
      }),
    });
  });
  app.get("/api/v1/class/secret", (request, reply) => {
    const [, given] = /^Bearer ([\w-]+)$/.exec(request.headers.authorization ?? "") ?? [];
    if (!isEqual(given ?? "", keyOrRefuse())) {
      throw new Refusal(
        403,
        "Open the projector with the address that the server printed at its start: it has the key.",
      );
    }
    reply.send({ secret: secret.open()?.text ?? null });
  });
}

/** Takes the same time whatever was given, so that the time says nothing about the key. */
function isEqual(given: string, key: string): boolean {
  const [a, b] = [given, key].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
