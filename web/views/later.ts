/**
 * The parts of the page that the first view does not show: the account dialog and the glass. main.ts loads this file
 * later, so that the form to join comes sooner.
 */
export { accountDialog, openAccount } from "./chat/account-view.ts";
export { glassView } from "./glass/glass-view.ts";
