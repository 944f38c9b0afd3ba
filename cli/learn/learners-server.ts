/**
 * The learner's server while somebody learns: starts it with its command, starts it again after each change of its file,
 * and takes another port if somebody else has the one it should have. What it starts, it ends, and nothing else.
 */
import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { CannotStart, isListening, ServerUnderTest, saysPortTaken } from "../../check/node/server-under-test.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { environmentFor, programOf } from "./installed.ts";
import { DATA_FOLDER } from "./learners-folder.ts";

/** The class secret of every server of the course. */
export const SECRET = "river-candle-orbit-maple";
const START_MILLISECONDS = 10_000;
/** These compile first, and for the first time that can take long. */
const COMPILES_FIRST = /^(go|java)$/;
const COMPILE_MILLISECONDS = 60_000;
const MAX_PORTS = 20;
const LAST_PORT = 65_535;
/** All addresses of this computer. */
const EVERYWHERE = "0.0.0.0";
/** A process that left its group may hold the port a moment longer. */
const AGAIN_MILLISECONDS = 200;

interface Options {
  folder: string;
  /** With the placeholders {port} and {folder}. */
  start: string;
  port: number;
  /** Called when another port was chosen. */
  onOtherPort: (taken: number, port: number) => void;
  /** Called when it takes long to listen. */
  onWaiting: (url: string) => void;
  /** Called when it ends by itself. */
  onEnded: () => void;
}

export class LearnersServer {
  readonly #options: Options;
  #port: number;
  #server: ServerUnderTest | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The server that was started last. */
  get underTest(): ServerUnderTest | undefined {
    return this.#server;
  }

  /**
   * Whether it has ended because somebody else was faster: another learner on this computer, whose server begins at the
   * same moment, answers in its place.
   */
  async hasLostPort(): Promise<boolean> {
    const now = await this.#server?.now();
    return now !== undefined && !now.isRunning && saysPortTaken(this.#server?.printed ?? "");
  }

  /** Ends the server, and starts it again. @throws {CannotStart} or {CliError} when its folder is gone. */
  async start(): Promise<ServerUnderTest> {
    await this.stop();
    const { folder } = this.#options;
    if (!existsSync(folder)) throw new CliError(`The folder ${folder} is not there any more`, EXIT.folder);
    const wanted = this.#port;
    for (let tries = 1; ; tries++) {
      await this.#findPort(wanted);
      const server = this.#make();
      this.#server = server;
      try {
        await server.start();
        if (this.#port !== wanted) this.#options.onOtherPort(wanted, this.#port);
        return server;
      } catch (error) {
        await this.stop();
        const isTaken = error instanceof CannotStart && ["port taken", "still listening"].includes(error.why);
        if (!isTaken || tries === MAX_PORTS || this.#port === LAST_PORT) throw error;
        // Somebody holds this port without listening at it, or was faster.
        this.#port++;
      }
    }
  }

  /** Ends it with everything that it has started. */
  async stop(): Promise<void> {
    try {
      await this.#server?.kill();
    } catch (error) {
      // A process that has left its group still listens. It gets another port as a neighbour.
      if (!(error instanceof CannotStart)) throw error;
      await setTimeout(AGAIN_MILLISECONDS);
    }
  }

  async #findPort(wanted: number): Promise<void> {
    const last = Math.min(wanted + MAX_PORTS, LAST_PORT);
    while (this.#port < last && (await isListening(this.url))) this.#port++;
  }

  #make(): ServerUnderTest {
    const { folder, start, onWaiting, onEnded } = this.#options;
    const program = programOf(start);
    const command = start.replaceAll("{port}", String(this.#port)).replaceAll("{folder}", DATA_FOLDER);
    const { url } = this;
    return new ServerUnderTest(command, url, {
      folder,
      environment: { ...environmentFor(program), SECRET, HOST: hostHere(), PYTHONUNBUFFERED: "1" },
      startMilliseconds: COMPILES_FIRST.test(program) ? COMPILE_MILLISECONDS : START_MILLISECONDS,
      onWaiting: () => onWaiting(url),
      onEnded,
    });
  }
}

/** The checks ask at 127.0.0.1. Some shells and tools use HOST for the name of the computer, where nobody would listen. */
function hostHere(): string {
  return process.env.HOST === EVERYWHERE ? EVERYWHERE : "127.0.0.1";
}
