/**
 * The image, the containers and the volume of one run of the container test. Their names are new in every run, so that
 * a run cannot touch another run or a plainchat that is in use. `removeAll` removes all of them.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { docker, lastLines, removeNow } from "./docker.ts";

const BUILD_LIMIT_SECONDS = 600;
const HEALTHY_LIMIT_SECONDS = 60;

/**
 * As locked up as in compose.yaml. The engine checks the health more often, because we wait for it. The log has the
 * most detail, because we look in it for what must not be there.
 */
const RUN_OPTIONS = [
  ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "256m"],
  ["--publish", "127.0.0.1::8080", "--health-interval", "1s", "--env", "PLAINCHAT_LOG_LEVEL=debug"],
].flat();

export interface Container {
  name: string;
  /** The port of this machine that leads to the server. */
  port: number;
}

export class Containers {
  readonly image: string;
  readonly #volume: string;
  readonly #names: string[] = [];

  constructor() {
    const run = `plainchat-test-${randomBytes(4).toString("hex")}`;
    this.image = `${run}:latest`;
    this.#volume = `${run}-data`;
  }

  async build(folder: string): Promise<void> {
    await docker(["build", "--tag", this.image, folder], BUILD_LIMIT_SECONDS);
  }

  /** Starts a container on this run's volume. @returns once the engine calls it healthy. */
  async start(): Promise<Container> {
    const name = this.image.replace(":latest", `-${this.#names.length + 1}`);
    this.#names.push(name);
    await docker(["run", "--detach", "--name", name, "--volume", `${this.#volume}:/data`, ...RUN_OPTIONS, this.image]);
    await waitUntilHealthy(name);
    const address = await docker(["port", name, "8080/tcp"]);
    return { name, port: Number(address.slice(address.lastIndexOf(":") + 1)) };
  }

  removeAll(): void {
    for (const name of this.#names) removeNow(["rm", "--force", "--volumes", name]);
    removeNow(["volume", "rm", "--force", this.#volume]);
    removeNow(["image", "rm", "--force", this.image]);
  }
}

async function waitUntilHealthy(name: string): Promise<void> {
  const endsAt = performance.now() + HEALTHY_LIMIT_SECONDS * 1000;
  while (performance.now() < endsAt) {
    const [status, health] = (await inspect(name, "{{.State.Status}} {{.State.Health.Status}}")).split(" ");
    if (health === "healthy") return;
    if (status !== "running" || health === "unhealthy") break;
    await sleep(200);
  }
  const [state, probes] = [await inspect(name, "{{.State.Status}}"), await inspect(name, "{{json .State.Health.Log}}")];
  throw new Error(`The container is ${state}, but not healthy: ${probes}\n${lastLines(await docker(["logs", name]))}`);
}

/** Asks the engine about a container. @param template what to return, in Go's template language. */
export function inspect(name: string, template: string): Promise<string> {
  return docker(["inspect", "--format", template, name]);
}
