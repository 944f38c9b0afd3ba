/**
 * What is on the screen and nowhere else. Nothing of it goes to the server, and nothing of it is kept.
 */
import type { SnippetLanguage } from "./glass/snippets.ts";

export class ViewState {
  /** Why nobody is logged in any more. */
  notice: string | undefined;
  /** Of the form to join, or to log in. */
  joinError: string | undefined;
  isJoining = false;
  /** What is being looked for among the people. */
  filter = "";
  filterError: string | undefined;
  /** What has been written and not sent, by the userId of whom it is for. */
  readonly unsent = new Map<number, string>();
  /** The message whose text is being changed. */
  editingId: number | undefined;
  /** The message of which one is being asked whether it is to go. */
  removingId: number | undefined;
  /** Why that did not work. */
  messageError: { messageId: number; sentence: string } | undefined;
  /** Of the dialog about oneself. */
  accountError: string | undefined;
  accountNotice: string | undefined;
  isTokenShown = false;
  isAskedToLeave = false;
  snippetLanguage: SnippetLanguage = "curl";
  /** What was copied last, for the button to say so. */
  copied: string | undefined;

  /** Somebody else sits here now. */
  reset(): void {
    Object.assign(this, new ViewState());
  }
}
