#!/usr/bin/env node
/**
 * What the file `plainchat` starts. Node keeps the compiled code, so every command but the first one starts in half the
 * time. The commands must be asked for after that is switched on, and so with `import()`.
 */
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url)));
await import("./plainchat.ts");
