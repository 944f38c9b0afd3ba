/**
 * How long ago something was, in one word for a line: "12 min", "3 h", "2 d".
 */
const MINUTE_MILLISECONDS = 60_000;
const HOUR_MINUTES = 60;
const DAY_HOURS = 24;

/** @param since ISO 8601. Never below 0: the clocks of two computers differ. */
export function howLong(since: string, now = Date.now()): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / MINUTE_MILLISECONDS));
  if (minutes < HOUR_MINUTES) return `${minutes} min`;
  const hours = Math.floor(minutes / HOUR_MINUTES);
  return hours < DAY_HOURS ? `${hours} h` : `${Math.floor(hours / DAY_HOURS)} d`;
}
