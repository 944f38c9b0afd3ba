/**
 * Writes to the log when nobody can register because of users/secret.dat, and when it is good again. Somebody who edits
 * that file by hand looks at no reply of the server. serve.ts starts it.
 */
import type { Logger } from "pino";
import type { SecretProblem } from "./steps/class-secret-problem.ts";

const LOOK_MILLISECONDS = 250;

/** @param look finds out what is wrong with the class secret now. @returns a function that ends the watch. */
export function watchSecret(look: () => SecretProblem | undefined, log: Logger): () => void {
  let told: string | undefined;
  let before: string | undefined;
  const tell = (problem: string | undefined) => {
    if (problem !== undefined) log.error(problem);
    else if (told !== undefined) log.info("The class secret is good again: people can register");
    told = problem;
  };
  const sentence = () => {
    const problem = look();
    return problem && `${problem.what} ${problem.advice}`;
  };
  before = sentence();
  tell(before);
  const timer = setInterval(() => {
    const now = sentence();
    // Some editors empty a file before they write it, so a problem counts when it is still there at the next look.
    if (now === before && now !== told) tell(now);
    before = now;
  }, LOOK_MILLISECONDS).unref();
  return () => clearInterval(timer);
}
