/**
 * The refusal of a request without any inputs: no body, no query string, no credentials. Every call needs some, so the
 * first step finds nothing that could be JSON (ruling R38). http-call.ts throws it.
 */
import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "../../steps/refusal.ts";

/** What curl needs to make a call, besides credentials and the address. By the start of the call's step ids. */
const OPTIONS: Record<string, string> = {
  "register.post": `-d '{"secret":"CLASS-SECRET","userHandle":"ada"}'`,
  "register.get": "-G -d userHandle=grace",
  "register.patch": `-X PATCH -d '{"userHandle":"lovelace"}'`,
  "register.delete": "-X DELETE",
  "chat.post": `-d '{"userHandle":"grace","message":"hello"}'`,
  "chat.patch": `-X PATCH -d '{"messageId":1,"message":"hello again"}'`,
  "chat.delete": `-X DELETE -d '{"messageId":1}'`,
  "stream.get": "-N",
  "hand.patch": `-X PATCH -d '{"isUp":true}'`,
  "progress.patch": `-X PATCH -d '{"lesson":3,"case":"register-no-secret","passed":2,"total":13}'`,
  "checks.post": `-d '{"port":8000,"lesson":3,"secret":"river-candle-orbit-maple"}'`,
  "rejoin.post": `-d '{"userHandle":"ada","rejoinCode":"K7Q2MX"}'`,
  "teacher.post": `-d '{"userHandle":"ms-hopper"}'`,
  "class.patch": `-X PATCH -d '{"isPaused":true}'`,
  "pupils.patch": `-X PATCH -d '{"userId":7,"isMuted":true}'`,
  "pupils.delete": `-X DELETE -d '{"userId":7}'`,
  "codes.post": `-d '{"userId":7}'`,
  "messages.post": `-d '{"message":"Look at the wall, please."}'`,
  "archives.post": `-d '{"label":"9b, Monday"}'`,
  "open.post": `-d '{"archive":"2030-01-02T12-00-00Z"}'`,
  "export.get": "-o class.zip",
  "messages.delete": `-X DELETE -d '{"messageId":17}'`,
};

/** What the sentence needs to know of a call. */
export interface ExampleCall {
  /** The start of its step ids. */
  id: string;
  path: string;
  /** Set if the call needs the class secret in place of credentials. */
  triesSecret?: true;
  /** Set if the call needs the teacher's key. */
  isForTeacher?: true;
}

export function nothingSent(
  { id, path, triesSecret, isForTeacher }: ExampleCall,
  { host = "" }: IncomingHttpHeaders,
): Refusal {
  // The client wrote the header. Anything else than a host does not belong in a sentence.
  const address = /^[\w.-]{1,253}(:\d{1,5})?$|^\[[\da-f:.]{2,45}\](:\d{1,5})?$/i.test(host) ? host : "127.0.0.1:8080";
  const whoAmI = isForTeacher ? '-H "Authorization: Bearer TEACHER-KEY"' : "-u ID:TOKEN";
  const line = [
    "curl",
    triesSecret || id === "rejoin.post" ? "" : whoAmI,
    `http://${address}${path}`,
    OPTIONS[id] ?? "",
  ];
  return new Refusal(
    400,
    `The request body is empty, and there are no inputs in the URL or in \`Authorization\` either. Send it like this: \`${line.filter((part) => part !== "").join(" ")}\`.`,
  );
}
