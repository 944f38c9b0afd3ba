/**
 * A class with a teacher and pupils, for tests of what the teacher does.
 */
import type { Ending } from "./at-end.ts";
import type { Reply } from "./request.ts";
import { type Person, type RunningApp, startApp, TEACHER_KEY } from "./start-app.ts";

/** Fields of the replies to the teacher. */
interface ClassBody {
  userHandle: string;
  authToken: string;
  code: string;
  validUntil: string;
  recipients: number;
  pupils: Record<string, unknown>[];
  archives: { archive: string }[];
}

export type ClassReply = Reply & { json: Reply["json"] & ClassBody };

/** Sends a call of the teacher. @param path after `/api/v1/class`. */
export async function teach(app: RunningApp, call: string, body?: object, key = TEACHER_KEY): Promise<ClassReply> {
  const [method = "", path = ""] = call.split(" ");
  const headers = { authorization: `Bearer ${key}` };
  const reply = await app.send({ method, path: `/api/v1/class${path}`, headers, body });
  return reply as ClassReply;
}

/** Becomes the teacher. */
export async function becomeTeacher(app: RunningApp, userHandle = "ms-hopper"): Promise<Person> {
  const { json } = await teach(app, "POST /teacher", { userHandle });
  const { userId, authToken } = json;
  return { userId, authToken, userHandle: json.userHandle, user: `${userId}:${authToken}` };
}

/** Starts a class with ms-hopper as the teacher, and ada and grace. */
export async function startLesson(
  test: Ending,
  options: Parameters<typeof startApp>[1] = {},
): Promise<{ app: RunningApp; teacher: Person; ada: Person; grace: Person }> {
  const app = await startApp(test, { ...options, isClass: true });
  const teacher = await becomeTeacher(app);
  return { app, teacher, ada: await app.register("ada"), grace: await app.register("grace") };
}

/** Sends a message, and returns the reply whatever it is. */
export function say(app: RunningApp, from: Person, to: Person, message = "hi"): Promise<Reply> {
  return app.send({
    method: "POST",
    path: "/api/v1/chat",
    user: from.user,
    body: { userHandle: to.userHandle, message },
  });
}
