/**
 * The only way out of the process that checks a server: it sends requests to one address and port, and ends the check
 * when too much has come. It counts the bytes of the sockets, so headers and whatever is not HTTP count as well.
 */
import { subscribe } from "node:diagnostics_channel";
import { connect, type Socket } from "node:net";
import type { Exchange, SentRequest } from "../../../check/exchange/exchange.ts";
import { httpExchange } from "../../../check/node/http-exchange.ts";

const LOOK_MILLISECONDS = 20;

/** @param onTooMuch called once, when more than `bytes` have come. */
export function boundedExchange(origin: string, bytes: number, onTooMuch: () => void): Exchange {
  const open = new Set<Socket>();
  let before = 0;
  subscribe("net.client.socket", (message) => {
    const { socket } = message as { socket: Socket };
    open.add(socket);
    socket.once("close", () => {
      open.delete(socket);
      before += socket.bytesRead;
    });
  });
  const timer = setInterval(() => {
    let sum = before;
    for (const socket of open) sum += socket.bytesRead;
    if (sum <= bytes) return;
    clearInterval(timer);
    onTooMuch();
  }, LOOK_MILLISECONDS);
  // A case names paths only. This makes sure of it.
  const mustGoThere = ({ url }: SentRequest) => {
    if (new URL(url).origin !== origin) throw new Error("A check sends requests to one address only");
  };
  return {
    async send(request, patienceMilliseconds) {
      mustGoThere(request);
      return httpExchange.send(request, patienceMilliseconds);
    },
    async open(request, patienceMilliseconds) {
      mustGoThere(request);
      return httpExchange.open(request, patienceMilliseconds);
    },
    async staysOpen(request, patienceMilliseconds) {
      mustGoThere(request);
      return httpExchange.staysOpen?.(request, patienceMilliseconds);
    },
  };
}

/** Whether something accepts connections there, within a second. */
export function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}
