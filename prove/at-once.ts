/**
 * Works through a list, several items at a time. Proofs call it to send many requests at once.
 */

/**
 * @returns the results, in the order of the list.
 * @throws the error of the first item that fails, after the items under way have ended. No further item is begun.
 */
export async function atOnce<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next;
      next++;
      try {
        results[index] = await work(items[index] as Item);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: limit }, worker));
  for (const each of ended) if (each.status === "rejected") throw each.reason;
  return results;
}
