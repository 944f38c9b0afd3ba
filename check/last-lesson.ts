/**
 * How many lessons there are. The command line needs the number for its help, and loads the lessons with all their cases
 * (lessons.ts) only when it runs them.
 */
import file from "./lessons.json" with { type: "json" };

export const LAST_LESSON = file.lessons.length;
