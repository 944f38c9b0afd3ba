/**
 * One act of one client on its own server, whose folder is a copy of a small template. So a trial changes nothing for
 * the next one. The server uses one thread for files, so that the calls of an act come in the same order every time.
 */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { atEnd, type Ending } from "../../testing/at-end.ts";
import { type RunningServer, startServer } from "../../testing/start-server.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { Actions, type Stopping, Unanswered } from "../load/actions.ts";
import { gather } from "../load/crowd.ts";
import { Ledger } from "../load/ledger.ts";
import { type Act, newScene, people, type Scene } from "../load/single-acts.ts";
import { type Injection, Strace } from "./attach.ts";

const ENVIRONMENT = { UV_THREADPOOL_SIZE: "1", PLAINCHAT_MAX_FILE_BYTES: "2048" };
const CLIENTS = 4;
const MESSAGES = 12;

export interface Template {
  root: string;
  ledger: Ledger;
}

/** Makes a folder with a few users, and a few messages in more than one file. */
export async function makeTemplate(ending: Ending): Promise<Template> {
  const root = join(await temporaryFolder(ending), "data");
  const ledger = new Ledger();
  const server = await startServer(ending, root, ENVIRONMENT);
  const actions = new Actions(server, ledger, { now: false });
  await gather(actions, CLIENTS);
  const { steady, other } = people(newScene(actions, ledger, root, 0));
  for (let i = 0; i < MESSAGES; i++) await actions.publish(other, steady);
  await server.stop("SIGTERM");
  return { root, ledger };
}

export interface Trial {
  server: RunningServer;
  root: string;
  ledger: Ledger;
  scene: Scene;
  stopping: Stopping;
  restart: () => Promise<RunningServer>;
}

/** Starts a server on a copy of the template and prepares the act. */
export async function prepareTrial(ending: Ending, template: Template, act: Act, number: number): Promise<Trial> {
  const root = join(await temporaryFolder(ending), "data");
  await cp(template.root, root, { recursive: true });
  const ledger = template.ledger.copy();
  const server = await startServer(ending, root, ENVIRONMENT);
  const stopping: Stopping = { now: false };
  const scene = newScene(new Actions(server, ledger, stopping), ledger, root, number);
  scene.isAlive = () => server.process.exitCode === null && server.process.signalCode === null;
  await act.prepare?.(scene);
  scene.before = ledger.copy();
  const restart = () => startServer(ending, root, ENVIRONMENT);
  return { server, root, ledger, scene, stopping, restart };
}

/**
 * Runs the act while strace watches, or makes a call fail.
 * @returns what strace saw, and why there was no reply, if there was none.
 */
export async function watch(
  ending: Ending,
  trial: Trial,
  act: Act,
  injection?: Injection,
): Promise<{ trace: string; unanswered: Unanswered | undefined }> {
  const folder = await temporaryFolder(ending);
  const strace = await Strace.attach(trial.server.process.pid ?? 0, join(folder, "trace"), injection);
  atEnd(ending, () => strace.detach());
  let unanswered: Unanswered | undefined;
  try {
    await act.run(trial.scene);
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    unanswered = error;
  }
  return { trace: await strace.detach(), unanswered };
}
