/**
 * `plainchat check --lesson 8 --vectors "COMMAND"`: asks a program about the texts of plainchat's own course. They are read
 * only if somebody asks for it. check.mjs must not have them in it: they are as long as a tenth of it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CliError, EXIT } from "../cli-error.ts";
import { pathFrom } from "../context.ts";
import { vectorsShape } from "./vector.ts";
import { VECTORS_LESSON, type VectorsCheck, vectorsCase } from "./vectors-case.ts";

const FILE = join(import.meta.dirname, "..", "..", "course", "lessons", "08-text-is-not-bytes", "vectors.json");

/** @returns what runs them, or undefined without the option. @throws {CliError} before lesson 8. */
export function vectorsOfCourse(options: {
  vectors?: string;
  lesson?: number;
}): (() => Promise<VectorsCheck>) | undefined {
  const { vectors: command, lesson = 0 } = options;
  if (command === undefined) return undefined;
  if (lesson < VECTORS_LESSON) throw new CliError(`--vectors needs --lesson ${VECTORS_LESSON} or more`, EXIT.usage);
  const vectors = vectorsShape(JSON.parse(readFileSync(FILE, "utf8")), "");
  return () => vectorsCase({ command, vectors, folder: pathFrom(".") });
}
