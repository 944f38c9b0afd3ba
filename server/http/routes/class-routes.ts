/**
 * The two routes for class mode. `GET /api/v1/class` says where the server is and which users there are.
 * `GET /api/v1/class/secret` gives the class secret to the teacher, who proves it with the projector's key or the
 * teacher's. The server must show the keys nowhere but on its terminal. What the teacher does is in operations/class.
 */
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { noClass } from "../../operations/refusals.ts";
import { coverSecrets } from "../../secrecy/looks-secret.ts";
import { Refusal } from "../../steps/refusal.ts";
import { lookAlikes } from "../../steps/skeleton.ts";
import type { Classroom, Decisions, Progress, Secret, Users } from "../../store/contract.ts";
import { networkAddresses } from "./network-addresses.ts";

/** The projector has no room for more names. */
const MAX_SHOWN_USERS = 500;

interface Parts {
  users: Users;
  secret: Secret;
  /** Undefined if the server is not in class mode. */
  classroom: Classroom | undefined;
  /** Tells this class from every other one. */
  folder: string;
  /** Whether the class may have other servers. */
  isShared: boolean;
  /** The name of the server on the local network, if it has one now. */
  localName: { readonly current: string | undefined } | undefined;
}

export function addClassRoutes(
  app: FastifyInstance,
  { users, secret, classroom, folder, isShared, localName }: Parts,
): void {
  app.get("/api/v1/class", async (_request, reply) => {
    if (classroom === undefined) throw noClass();
    const { address, port } = app.server.address() as AddressInfo;
    const real = networkAddresses(port, address).filter(({ virtual }) => virtual === undefined);
    const name = localName?.current;
    const everybody = await users.list(0, Number.POSITIVE_INFINITY);
    const alike = lookAlikes(everybody);
    const decisions = await classroom.decisions();
    const board = decisions.facts.showsBoard === true ? await classroom.openAllProgress() : undefined;
    return reply.send({
      // The name comes last: some devices cannot find it.
      addresses: [...real.map(({ url }) => url), ...(name === undefined ? [] : [`http://${name}:${port}`])],
      // A wall that was left open begins again when the server runs with another folder.
      folder,
      ...(isShared && { isOneOfSeveral: true }),
      ...decisions.facts,
      users: everybody.slice(0, MAX_SHOWN_USERS).map(({ userId, userHandle }) => ({
        userId,
        // Somebody may have typed the class secret as a handle, and anybody on the network can see this list.
        userHandle: coverSecrets(userHandle),
        ...(userId === decisions.teacherId && { isTeacher: true }),
        ...(alike.has(userId) && { looksLike: alike.get(userId) }),
        ...(decisions.pupil(userId).isHidden && { isHidden: true }),
        ...onBoard(userId, decisions, board),
      })),
    });
  });
  app.get("/api/v1/class/secret", async (request, reply) => {
    if (classroom === undefined) throw noClass();
    const [, given] = /^Bearer ([\w-]+)$/.exec(request.headers.authorization ?? "") ?? [];
    const keys = [await classroom.openProjectorKey(), await classroom.openKey()];
    if (!keys.some((key) => key.matches(given ?? ""))) {
      throw new Refusal(
        403,
        "Open the projector with the address that the server printed at its start: it has the key.",
      );
    }
    const secretFile = await secret.open();
    return reply.send({ secret: secretFile?.text ?? null });
  });
}

/** What the wall shows of a pupil's progress. @param board undefined unless the teacher shows it. */
function onBoard(
  userId: number,
  decisions: Decisions,
  board: ReadonlyMap<number, Progress> | undefined,
): { lessonsPassed?: number[]; atLesson?: number } {
  if (board === undefined || userId === decisions.teacherId || decisions.pupil(userId).isHidden) return {};
  const { lesson, lessons = [] } = board.get(userId) ?? {};
  const lessonsPassed = lessons.filter(({ passedAt }) => passedAt !== undefined).map((each) => each.lesson);
  return { lessonsPassed, ...(lesson !== undefined && { atLesson: lesson }) };
}
