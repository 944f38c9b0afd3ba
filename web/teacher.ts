/**
 * Starts the page at `/teacher`.
 */

import { TeacherPage } from "./teacher/teacher-page.ts";
import { teacherView } from "./views/teacher/teacher-view.ts";
import { loadLanguage } from "./words/language.ts";

const place = document.querySelector<HTMLElement>("#page");
if (place === null) throw new Error("The page has no place to be drawn");
await loadLanguage("teacher");
new TeacherPage(place, teacherView).start();
