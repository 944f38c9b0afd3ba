/**
 * Starts the page at `/projector`.
 */

import { Projector } from "./projector/projector.ts";
import { projectorView } from "./views/projector-view.ts";
import { loadLanguage } from "./words/language.ts";

const place = document.querySelector<HTMLElement>("#page");
if (place === null) throw new Error("The page has no place to be drawn");
await loadLanguage();
new Projector(place, projectorView).start();
