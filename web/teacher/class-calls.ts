/**
 * All calls of the teacher's page: the teacher's own, and those that everybody may make. Requests that the page sends by
 * itself are marked, so that the projector leaves them out. teacher-page.ts makes one for each key.
 */
import { PlainchatClient } from "../../client/plainchat-client.ts";
import type { Fetch } from "../../client/request.ts";
import { TeacherClient } from "../../client/teacher-client.ts";

/** The teacher is waiting for the answer. */
const ATTEMPTS = 2;

export class ClassCalls {
  readonly teacher: TeacherClient;
  readonly everybody: PlainchatClient;
  /** By how much the server's clock is ahead of the browser's. A second more or less does not matter here. */
  clockAheadMilliseconds = 0;

  readonly #key: string;

  constructor(url: string, teacherKey: string) {
    this.#key = encodeURIComponent(teacherKey);
    // With the key, the server shows the teacher also what it covers for the class.
    const authorization = `Bearer ${this.#key}`;
    const fetch: Fetch = async (address, request) => {
      // The page asks for lists again and again. What the teacher does, the wall may show.
      const isByItself = request.method === "GET";
      const headers = { authorization, ...request.headers, ...(isByItself && { explain: "background" }) };
      const reply = await globalThis.fetch(address, { ...request, headers });
      const serverTime = Date.parse(reply.headers.get("date") ?? "");
      if (Number.isFinite(serverTime)) this.clockAheadMilliseconds = serverTime - Date.now();
      return reply;
    };
    this.teacher = new TeacherClient(url, { teacherKey, attempts: ATTEMPTS, fetch });
    this.everybody = new PlainchatClient(url, { attempts: ATTEMPTS, fetch });
  }

  /** The server takes the teacher's key for it, too. */
  readSecret(): Promise<{ secret: string | null }> {
    return this.everybody.readClassSecret({ projectorKey: this.#key });
  }
}
