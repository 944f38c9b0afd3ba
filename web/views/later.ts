/**
 * The parts of the page that the first view does not show: the account dialog, the glass and the form for a code from
 * the teacher. main.ts loads this file later, so that the form to join comes sooner.
 */
export { accountDialog, openAccount } from "./chat/account-view.ts";
export { rejoinForm } from "./chat/rejoin-view.ts";
export { glassView } from "./glass/glass-view.ts";
