/**
 * The one binary search of the store. The index, the users and the recent events all keep their numbers in ascending
 * order and search them with it. It takes the array itself and no callback, because it runs for every request.
 */

/**
 * The index of the first number that is at least `wanted`, or `to` when there is none.
 * @param values numbers, ascending between the indexes `from` and `to` (`to` not included).
 */
export function firstAtLeast(values: ArrayLike<number>, wanted: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
