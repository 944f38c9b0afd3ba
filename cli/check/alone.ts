/**
 * The check as a program of its own: scripts/build-check.ts makes one file of it, check.mjs, that a teacher can hand out.
 * It runs with nothing installed but Node, from version 20 up, so this file and all that it imports use nothing newer.
 */
import { makeCheck } from "../commands/check.ts";
import { createProgram, runProgram } from "../program.ts";

const program = createProgram("");
makeCheck(program, { typed: "" });
await runProgram(program);
