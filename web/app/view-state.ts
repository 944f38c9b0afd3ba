/**
 * The state that is only on the screen. Nothing of it is sent to the server or saved.
 */
import type { SnippetLanguage } from "../glass/snippets.ts";

export class ViewState {
  /** Why the user was logged out. */
  notice: string | undefined;
  /** For the form to join or log in. */
  joinError: string | undefined;
  isJoining = false;
  /** For the form to come back with a code from the teacher. */
  rejoinError: string | undefined;
  /** Why the hand could not be raised or taken down. */
  handError: string | undefined;
  /** Perhaps somebody's own handle is taken, because they were here before. */
  isHandleTaken = false;
  /** The text in the search field above the people. */
  filter = "";
  filterError: string | undefined;
  /** The message that is being edited: its text before, and what is in the field. */
  editing: { messageId: number; before: string; text: string; returnTo: "composer" | "message" } | undefined;
  /** The message that the page asks about before it removes it. */
  removingId: number | undefined;
  /** Why editing or removing a message failed. */
  messageError: { messageId: number; sentence: string } | undefined;
  /** For the account dialog. */
  accountError: string | undefined;
  accountNotice: string | undefined;
  isTokenShown = false;
  /** When the server does not answer: whether id and token are shown, and whether they were copied. */
  isMovedShown = false;
  movedNotice: string | undefined;
  isAskedToLeave = false;
  isAskedToLogOut = false;
  /** The scope of the person in this browser whom the page asks about before it forgets them. */
  forgetting: string | undefined;
  snippetLanguage: SnippetLanguage = "curl";
  /** The key of the request that was copied last: its button says so. */
  copied: string | undefined;

  /** For when someone else logs in. */
  reset(): void {
    Object.assign(this, new ViewState());
  }
}
