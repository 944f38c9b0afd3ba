/**
 * The program. `npm start` runs it, and so does the container.
 */
import { serve } from "./serve.ts";

await serve(process.argv.slice(2), process.env);
