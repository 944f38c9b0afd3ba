/**
 * Starts the page at `/learn`.
 */

import { LearnPage } from "./learn/learn-page.ts";
import { learnView } from "./views/learn/learn-view.ts";
import { loadLanguage } from "./words/language.ts";

const place = document.querySelector<HTMLElement>("#page");
if (place === null) throw new Error("The page has no place to be drawn");
await loadLanguage("learn");
await new LearnPage(place, learnView).start();
