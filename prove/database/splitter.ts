/**
 * Stands in front of several servers, like the proxy of docs/guides/deploy.md: each connection goes to the next server.
 * A server that refuses connections is passed over. It does not look into what it passes on.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { atEnd, type Ending } from "../../testing/at-end.ts";

export interface Splitter {
  origin: string;
  /** Where the servers are. Connections that are open stay where they are when this changes. */
  targets: string[];
}

/** @param port 0 for any free one. */
export async function startSplitter(ending: Ending, targets: string[], port = 0): Promise<Splitter> {
  const open = new Set<Socket>();
  let turn = 0;
  const server = createServer({ allowHalfOpen: true }, (near) => {
    open.add(near);
    near.once("close", () => open.delete(near)).on("error", () => {});
    turn++;
    passOn(near, turn, splitter.targets.length);
  });
  function passOn(near: Socket, which: number, tries: number): void {
    const { hostname, port: farPort } = new URL(splitter.targets[which % splitter.targets.length] ?? "");
    const far = connect({ host: hostname, port: Number(farPort), allowHalfOpen: true });
    far.once("connect", () => {
      near.pipe(far).pipe(near);
      near.once("close", () => far.destroy());
      far.once("close", () => near.destroy());
    });
    far.on("error", () => {
      if (far.bytesRead > 0 || far.bytesWritten > 0 || tries <= 1) near.destroy();
      else passOn(near, which + 1, tries - 1);
    });
  }
  const splitter: Splitter = { origin: "", targets };
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  splitter.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  atEnd(ending, async () => {
    server.close();
    for (const socket of open) socket.destroy();
    await once(server, "close");
  });
  return splitter;
}
