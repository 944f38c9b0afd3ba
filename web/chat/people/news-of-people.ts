/**
 * Asks from time to time who is here. The stream does not announce new people.
 */

/** New people are asked for this often, … */
const NEW_PEOPLE_MILLISECONDS = 3_000;
/** … and every Nth time everybody, because someone may have left or changed their handle. */
const ALL_PEOPLE_EVERY = 5;

/** @param ask is called with "new" or "all". @returns how to stop. */
export function askForPeople(ask: (whom: "new" | "all") => void): () => void {
  let times = 0;
  const timer = setInterval(() => {
    times++;
    ask(times % ALL_PEOPLE_EVERY === 0 ? "all" : "new");
  }, NEW_PEOPLE_MILLISECONDS);
  return () => clearInterval(timer);
}
