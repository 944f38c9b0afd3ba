/**
 * Decides what each reader sees of a trace in class mode, at the moment of reading: the teacher may show the texts of
 * messages and cover them again, hide a pupil, and remove a message. explain.ts asks it for the feed and for each trace
 * that somebody opens.
 */
import type { Classroom, Users } from "../store/contract.ts";
import type { TracedSender } from "./trace.ts";

/** A trace as it is kept. */
export interface KeptTrace {
  json: string;
  /** In class mode: the same without the texts of messages. */
  covered?: string;
  /** The messages whose texts are in it. "unknown" if that cannot be told. */
  messageIds: readonly number[] | "unknown";
  /** Only the teacher sees what is covered in it, also while texts are shown. */
  isForTeacher?: boolean;
  sender: TracedSender | undefined;
}

/** What must be known of the class. */
export interface ClassParts {
  classroom: Pick<Classroom, "facts" | "pupil">;
  users: Pick<Users, "list" | "hashHandle">;
  /** Whether a message is still there. */
  isThere: (messageId: number) => boolean;
}

export class ClassView {
  readonly #parts: ClassParts;

  constructor(parts: ClassParts) {
    this.#parts = parts;
  }

  /** For everybody. Undefined if the teacher has hidden who sent the request, or who is said to have sent it. */
  forClass(kept: KeptTrace): string | undefined {
    const hidden = this.#hidden();
    const { userId, userHandle } = kept.sender ?? {};
    const isOf = (user: { userId: number; userHandle: string }) =>
      user.userId === userId || user.userHandle === userHandle?.normalize("NFC");
    return hidden.some(isOf) ? undefined : withoutNames(this.#shown(kept), hidden);
  }

  /** For the client that sent the request, hidden or not. */
  forAsker(kept: KeptTrace): string {
    const { userId } = kept.sender ?? {};
    return withoutNames(
      this.#shown(kept),
      this.#hidden().filter((user) => user.userId !== userId),
    );
  }

  /** The teacher sees everybody and every text, except that of a message that is gone. */
  forTeacher(kept: KeptTrace): string {
    return this.#isGone(kept) ? (kept.covered ?? "") : kept.json;
  }

  #shown(kept: KeptTrace): string {
    const showsTexts = this.#parts.classroom.facts.showsTexts && !this.#isGone(kept) && kept.isForTeacher !== true;
    return showsTexts ? kept.json : (kept.covered ?? "");
  }

  #isGone({ messageIds }: KeptTrace): boolean {
    return messageIds === "unknown" || messageIds.some((id) => !this.#parts.isThere(id));
  }

  #hidden(): HiddenPupil[] {
    const { classroom, users } = this.#parts;
    return users
      .list(0, Number.POSITIVE_INFINITY)
      .filter(({ userId }) => classroom.pupil(userId).isHidden)
      .map((user) => ({ ...user, hash: users.hashHandle(user.userHandle) }));
  }
}

interface HiddenPupil {
  userId: number;
  userHandle: string;
  /** Of the handle: the name of its file. */
  hash: string;
}

/** The names of inputs and of fields in files that hold a handle. Inside the text of a file, each quote has a backslash. */
const BEFORE_HANDLE = String.raw`(\\?"(?:userHandle|fromHandle|toHandle|value)\\?":\\?")`;
/** A checksum covers the handle, so it would let somebody test guesses. */
const CHECKSUM = /(\\"(?:crc|digest)\\":\\")[0-9a-f]+/g;

/** Takes the handles of hidden pupils out of the requests of others: a handle may be the reason for hiding somebody. */
function withoutNames(json: string, hidden: readonly HiddenPupil[]): string {
  let shown = json;
  for (const { userHandle, hash } of hidden) {
    const once = JSON.stringify(userHandle).slice(1, -1);
    const twice = JSON.stringify(once).slice(1, -1);
    const forms = [...new Set([once, twice])].map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
    const pattern = new RegExp(String.raw`${BEFORE_HANDLE}(?:${forms.join("|")})(\\?")`, "g");
    shown = shown.replace(pattern, "$1(not shown)$2").replaceAll(hash, "(not shown)");
  }
  return shown === json ? json : shown.replace(CHECKSUM, "$1(not shown)");
}
