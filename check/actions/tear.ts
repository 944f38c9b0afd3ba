/**
 * Leaves the server's file as a power cut in the middle of a write does, with half a line at its end, and starts the
 * server again. It never fails a server that keeps its messages in another way: then the case cannot be asked.
 * run-case.ts calls it.
 */
import type { Tear } from "../case.ts";
import type { Torn } from "../exchange/exchange.ts";
import { CaseFailed } from "../report/failure.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Sender } from "./sender.ts";

/** Kills the server and starts it again. @throws {CaseFailed} when it does not come back. */
type RestartOrFail = (whileStopped: () => Promise<void>, torn: () => Torn | undefined) => Promise<void>;

const NOT_ASKED =
  "The check found no file in which it could leave half a line, as a power cut does. It looks for one text file that grows by one line with each message, in the folder where your server runs and in those that its command names.";

/** @throws {CaseFailed} when the server refuses the message or does not start again, or when there is no such file. */
export async function leaveHalfALine(
  { tear }: Tear,
  sender: Sender,
  files: Surroundings["files"],
  restart: RestartOrFail,
): Promise<void> {
  await files?.remember();
  const request = sender.request(tear);
  const expected = { status: 200, ...tear.expect };
  sender.hold(request, await sender.exchange(request, expected), expected);
  sender.before.push({ request });
  const { message } = JSON.parse(request.body ?? "{}") as { message?: unknown };
  let torn: Torn | undefined;
  const write = async () => {
    torn = await files?.tear(String(message));
  };
  try {
    await restart(write, () => torn);
  } catch (error) {
    // Otherwise the learner's server could not start any more, for the next check or for the learner.
    await torn?.undo();
    throw error;
  }
  if (torn === undefined) throw new CaseFailed({ mistakes: [NOT_ASKED], notAsked: NOT_ASKED });
}
