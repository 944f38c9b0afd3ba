/**
 * Moves classes as a start of the server does, and nothing else: class-end.ts runs it in a process that it kills.
 */
import { moveClasses } from "../../server/store/class/move-classes.ts";
import { Paths } from "../../server/store/files/paths.ts";

await moveClasses(new Paths(process.argv[2] ?? ""), () => {});
