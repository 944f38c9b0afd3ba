/**
 * Decides what each reader sees of a trace in class mode, at the moment of reading: the teacher may show the texts of
 * messages and cover them again, hide a pupil, and remove a message. explain.ts asks it for the feed and for each trace
 * that somebody opens.
 */
import type { Classroom, Decisions, Users } from "../store/contract.ts";
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
  classroom: Pick<Classroom, "decisions">;
  users: Pick<Users, "openTokenFile" | "hashHandle">;
  /** Whether a message is still there. */
  isThere: (messageId: number) => Promise<boolean>;
}

export class ClassView {
  readonly #parts: ClassParts;

  constructor(parts: ClassParts) {
    this.#parts = parts;
  }

  /** For everybody. Undefined if the teacher has hidden who sent the request, or who is said to have sent it. */
  async forClass(kept: KeptTrace): Promise<string | undefined> {
    const decisions = await this.#parts.classroom.decisions();
    const hidden = await this.#hidden(decisions);
    const { userId, userHandle } = kept.sender ?? {};
    const isOf = (user: { userId: number; userHandle: string }) =>
      user.userId === userId || user.userHandle === userHandle?.normalize("NFC");
    return hidden.some(isOf) ? undefined : withoutNames(await this.#shown(kept, decisions), hidden);
  }

  /** For the client that sent the request, hidden or not. */
  async forAsker(kept: KeptTrace): Promise<string> {
    const { userId } = kept.sender ?? {};
    const decisions = await this.#parts.classroom.decisions();
    const hidden = await this.#hidden(decisions);
    return withoutNames(
      await this.#shown(kept, decisions),
      hidden.filter((user) => user.userId !== userId),
    );
  }

  /** The teacher sees everybody and every text, except that of a message that is gone. */
  async forTeacher(kept: KeptTrace): Promise<string> {
    return (await this.#isGone(kept)) ? (kept.covered ?? "") : kept.json;
  }

  async #shown(kept: KeptTrace, { facts }: Decisions): Promise<string> {
    const showsTexts = facts.showsTexts && kept.isForTeacher !== true && !(await this.#isGone(kept));
    return showsTexts ? kept.json : (kept.covered ?? "");
  }

  async #isGone({ messageIds }: KeptTrace): Promise<boolean> {
    if (messageIds === "unknown") return true;
    for (const messageId of messageIds) if (!(await this.#parts.isThere(messageId))) return true;
    return false;
  }

  async #hidden({ hiddenIds }: Decisions): Promise<HiddenPupil[]> {
    const { users } = this.#parts;
    const hidden: HiddenPupil[] = [];
    for (const userId of hiddenIds) {
      const user = await users.openTokenFile(userId);
      // Somebody whose file cannot be read now stands in no list either.
      if (typeof user === "string") continue;
      hidden.push({ userId, userHandle: user.userHandle, hash: users.hashHandle(user.userHandle) });
    }
    return hidden;
  }
}

interface HiddenPupil {
  userId: number;
  userHandle: string;
  /** Of the handle: the name of its file. */
  hash: string;
}

/**
 * The names of inputs, of fields in files and of columns that hold a handle. Inside the text of a file or a row, each
 * quote has a backslash.
 */
const BEFORE_HANDLE = String.raw`(\\?"(?:userHandle|fromHandle|toHandle|handle|from_handle|to_handle|value)\\?":\\?")`;
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
