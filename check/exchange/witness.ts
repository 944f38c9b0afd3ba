/**
 * Stands between the cases and the exchange, and remembers what has worked in this run: which addresses the server
 * knows, and whether it takes the class secret. With that, the report can advise without guessing. It also refuses
 * replies without a length on connections that stay open. run-check.ts puts it there.
 */
import { type Exchange, NoReply, type OpenReply, type Reply, type SentRequest, saysNoLength } from "./exchange.ts";

/** What is known about a request that failed, from the requests before it in all cases. */
export interface KnownBefore {
  /** This method and path have got an answer that was not 404, 405 or 501. */
  knowsAddress: boolean;
  /** Requests with this method have got an answer, and with a body if this one has a body. */
  readsSuchRequests: boolean;
  /** A GET with a body has got a 200. */
  readsBodyOfGet: boolean;
  /** A registration with the class secret has got a 200. */
  takesSecret: boolean;
  /** This request registers somebody with the right class secret. */
  hasSecret: boolean;
}

/** A server answers like this when it does not know an address or a method. */
const DOES_NOT_KNOW = [404, 405, 501];

export class Witness implements Exchange {
  readonly #exchange: Exchange;
  readonly #secret: string;
  readonly #addresses = new Set<string>();
  readonly #kinds = new Set<string>();
  /** By address, whether the server leaves connections open. */
  readonly #staysOpen = new Map<string, Promise<boolean>>();
  #readsBodyOfGet = false;
  #takesSecret = false;

  /** @param secret the class secret. */
  constructor(exchange: Exchange, secret: string) {
    this.#exchange = exchange;
    this.#secret = secret;
  }

  /** @returns the exchange for one case, which counts its requests. */
  forCase(): CaseWitness {
    return new CaseWitness(this);
  }

  async send(request: SentRequest, patienceMilliseconds: number): Promise<Reply> {
    const reply = await this.#exchange.send(request, patienceMilliseconds);
    this.#note(request, reply.status);
    if (reply.saysNoEnd === true && (await this.#leavesOpen(request, reply.status, patienceMilliseconds))) {
      throw new NoReply(saysNoLength(reply.text === ""), "no end");
    }
    return reply;
  }

  async open(request: SentRequest, patienceMilliseconds: number): Promise<OpenReply> {
    const reply = await this.#exchange.open(request, patienceMilliseconds);
    this.#note(request, reply.status);
    return reply;
  }

  endKept(url: string): void {
    this.#exchange.endKept?.(url);
  }

  /** What was known when this request, the last one that matters, was answered. */
  knownBefore(request: SentRequest): KnownBefore {
    return {
      knowsAddress: this.#addresses.has(addressOf(request)),
      readsSuchRequests: this.#kinds.has(kindOf(request)),
      readsBodyOfGet: this.#readsBodyOfGet,
      takesSecret: this.#takesSecret,
      hasSecret: this.#hasSecret(request),
    };
  }

  /**
   * Whether the server leaves connections open. The check asks it to close them with each request, but other clients do
   * not. So this sends a request without that, and without inputs, so that nothing changes in the server. A refusal may be
   * the library's own, as for a header that is too long, and the library closes. So it counts only if a refusal without a
   * length comes again.
   */
  #leavesOpen(request: SentRequest, status: number, patienceMilliseconds: number): Promise<boolean> {
    const isRefusal = status >= 400;
    const address = `${addressOf(request)} ${isRefusal}`;
    const ask = async () => {
      const { origin, pathname } = new URL(request.url);
      const staysOpen = async (method: string, path: string, body?: string) => {
        const asked = { url: origin + path, method, headers: {}, body };
        const after = await this.#exchange.staysOpen?.(asked, patienceMilliseconds);
        return after && (after === "open" || (after === "open after a length" && !isRefusal));
      };
      // One of the two may be an error, after which servers often close the connection.
      if (await staysOpen("GET", "/")) return true;
      const body = hasBody(request) ? "{}" : request.method === "GET" ? undefined : "";
      const answer = await staysOpen(request.method, pathname, body);
      // A server that crashes without inputs fails a later check anyway, so what it stores now does no harm.
      return (answer === undefined ? await staysOpen(request.method, pathname, request.body) : answer) === true;
    };
    const asked = this.#staysOpen.get(address) ?? ask();
    this.#staysOpen.set(address, asked);
    return asked;
  }

  #note(request: SentRequest, status: number): void {
    this.#kinds.add(kindOf(request));
    if (!DOES_NOT_KNOW.includes(status)) this.#addresses.add(addressOf(request));
    if (status !== 200) return;
    if (request.method === "GET" && hasBody(request)) this.#readsBodyOfGet = true;
    if (this.#hasSecret(request)) this.#takesSecret = true;
  }

  #hasSecret({ method, url, body }: SentRequest): boolean {
    if (method !== "POST" || !new URL(url).pathname.endsWith("/register")) return false;
    try {
      const inputs: unknown = JSON.parse(body ?? "");
      return typeof inputs === "object" && inputs !== null && "secret" in inputs && inputs.secret === this.#secret;
    } catch {
      return false;
    }
  }
}

/** The requests of one case. Another case may send some in between. */
class CaseWitness implements Exchange {
  readonly #witness: Witness;
  readonly #sent: SentRequest[] = [];

  constructor(witness: Witness) {
    this.#witness = witness;
  }

  send(request: SentRequest, patienceMilliseconds: number): Promise<Reply> {
    this.#sent.push(request);
    return this.#witness.send(request, patienceMilliseconds);
  }

  open(request: SentRequest, patienceMilliseconds: number): Promise<OpenReply> {
    this.#sent.push(request);
    return this.#witness.open(request, patienceMilliseconds);
  }

  endKept(url: string): void {
    this.#witness.endKept(url);
  }

  /** @returns the place of a request among those of its case, from 0; -1 if it was not sent. */
  placeOf(request: SentRequest): number {
    return this.#sent.indexOf(request);
  }
}

function addressOf({ method, url }: SentRequest): string {
  return `${method} ${new URL(url).pathname}`;
}

function hasBody({ body = "" }: SentRequest): boolean {
  return body !== "";
}

function kindOf(request: SentRequest): string {
  return `${request.method} ${hasBody(request) ? "with" : "without"} a body`;
}
