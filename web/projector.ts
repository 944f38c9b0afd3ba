/**
 * Starts the page at `/projector`.
 */
import { loadLanguage } from "./language.ts";
import { Projector } from "./projector/projector.ts";
import { projectorView } from "./views/projector-view.ts";

const place = document.querySelector<HTMLElement>("#page");
if (place === null) throw new Error("The page has no place to be drawn");
await loadLanguage();
new Projector(place, projectorView).start();
