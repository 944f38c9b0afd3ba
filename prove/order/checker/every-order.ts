/**
 * Answers the same question as checker.ts by trying every possible order, with its own queue and no tricks. It is far
 * too slow for a real history. The tests use it to check the checker on tiny histories.
 */
import type { Operation, SeenMessage } from "./history.ts";

interface Entry extends SeenMessage {
  key: string | undefined;
}

/** @param ids the ids that a publish without a reply may make. */
export function isLinearizableByTrying(operations: Operation[], ids: number[]): boolean {
  return canFinish(operations, [], 0);

  function canFinish(remaining: Operation[], queue: Entry[], lastId: number): boolean {
    if (remaining.every(({ replied }) => replied === Number.POSITIVE_INFINITY)) return true;
    const end = Math.min(...remaining.map(({ replied }) => replied));
    return remaining.some((operation) => {
      if (operation.called > end) return false;
      const others = remaining.filter((each) => each !== operation);
      return outcomes(operation, queue, lastId, ids).some(
        (next) =>
          next !== undefined && canFinish(others, next, Math.max(lastId, ...next.map(({ messageId }) => messageId))),
      );
    });
  }
}

/** Every queue that can be there after this operation, if it had its outcome. */
function outcomes(operation: Operation, queue: Entry[], lastId: number, ids: number[]): Entry[][] {
  switch (operation.kind) {
    case "publish": {
      const { text, key, messageId: told } = operation;
      const first = queue.find((entry) => key !== undefined && entry.key === key);
      if (first !== undefined) return told === undefined || told === first.messageId ? [queue] : [];
      const possible = told === undefined ? ids : [told];
      return possible
        .filter((messageId) => messageId > lastId)
        .map((messageId) => [...queue, { messageId, text, key, isEdited: false }]);
    }
    case "edit": {
      const { messageId, text, isFound } = operation;
      const isThere = queue.some((entry) => entry.messageId === messageId);
      if (isFound !== undefined && isFound !== isThere) return [];
      return [queue.map((entry) => (entry.messageId === messageId ? { ...entry, text, isEdited: true } : entry))];
    }
    case "remove": {
      const { messageId, isFound } = operation;
      const isThere = queue.some((entry) => entry.messageId === messageId);
      if (isFound !== undefined && isFound !== isThere) return [];
      return [queue.filter((entry) => entry.messageId !== messageId)];
    }
    case "fetch": {
      const { after, limit, messages } = operation;
      const page = queue.filter(({ messageId }) => messageId > after).slice(0, limit);
      const isSame = JSON.stringify(page.map(shown)) === JSON.stringify(messages?.map(shown));
      return messages === undefined || isSame ? [queue] : [];
    }
  }
}

function shown({ messageId, text, isEdited }: SeenMessage): unknown[] {
  return [messageId, text, isEdited];
}
