/**
 * Asks the server in this container whether it is alive. The image's HEALTHCHECK runs it every few seconds, because the
 * base image has neither curl nor wget. It prints one line, which `docker inspect` shows. Exit code 0 means healthy, 1
 * means not. It must not import anything from the server: a bug there must not break the check.
 */
import { get } from "node:http";

const TIME_LIMIT_MS = 3_000;

const url = `http://127.0.0.1:${process.env.PLAINCHAT_PORT ?? "8080"}/healthz`;

get(url, { signal: AbortSignal.timeout(TIME_LIMIT_MS) }, (reply) => {
  console.log(`${url} answers ${reply.statusCode}`);
  process.exit(reply.statusCode === 200 ? 0 : 1);
}).on("error", (error) => {
  const reason = error.name === "AbortError" ? `nothing within ${TIME_LIMIT_MS / 1000} seconds` : error.message;
  console.log(`${url} is not answering: ${reason}`);
  process.exit(1);
});
