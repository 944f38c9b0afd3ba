/**
 * Starts the page at `/`.
 */
import { App } from "./app/app.ts";
import { pageView } from "./views/page-view.ts";
import { loadLanguage } from "./words/language.ts";

const place = document.querySelector<HTMLElement>("#page");
if (place === null) throw new Error("The page has no place to be drawn");
await loadLanguage();
new App(place, pageView, () => import("./views/later.ts")).start();
