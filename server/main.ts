/**
 * The program: `npm start` and the container run it. Node keeps the compiled code, so every start but the first takes
 * half the time. The code must be asked for after that is switched on, and so with `import()`.
 */
import { enableCompileCache, flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url)));
const { serve } = await import("./serve.ts");
await serve(process.argv.slice(2), process.env);
// Now, because a server may be killed, and would keep nothing then.
flushCompileCache();
