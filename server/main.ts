/**
 * The program: `npm start` and the container run it.
 */
import { serve } from "./serve.ts";

await serve(process.argv.slice(2), process.env);
