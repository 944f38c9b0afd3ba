/**
 * Many clients at once that make every kind of change until their server is gone: publish with and without an
 * Idempotency-Key, edit, remove, register, leave, change a handle, change a token.
 */
import { type Actions, type Stopping, Unanswered } from "./actions.ts";
import type { Client, Ledger } from "./ledger.ts";

/** How many of a hundred actions are of each kind. The rest publish a message. */
const EDITS = 12;
const REMOVALS = 25;
const REGISTRATIONS = 2;
const CHANGES = 4;

/** Registers `count` clients. Every second one keeps its handle. */
export async function gather(actions: Actions, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await actions.join(`client-${i}`, i % 2 === 0);
}

/** Lets one client send requests. @returns when the server no longer answers. @throws if a reply is wrong. */
export async function work(actions: Actions, ledger: Ledger, client: Client, stopping: Stopping): Promise<void> {
  const sent: number[] = [];
  try {
    while (!stopping.now) await doSomething(actions, ledger, client, sent);
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
  }
}

async function doSomething(actions: Actions, ledger: Ledger, client: Client, sent: number[]): Promise<void> {
  const name = ledger.newName(client);
  const chosen = Math.random() * 100;
  const messageId = pick(sent);
  if (chosen < REGISTRATIONS) return registerAndLeave(actions, name);
  if (chosen < CHANGES && !client.isSteady) {
    const which = Math.floor(Math.random() * 3);
    if (which === 0) return actions.rename(client, name);
    return which === 1 ? actions.changeToken(client) : actions.changeBoth(client, name);
  }
  if (chosen < CHANGES + EDITS && messageId !== undefined) return actions.edit(client, messageId);
  if (chosen < CHANGES + EDITS + REMOVALS && messageId !== undefined) {
    sent.splice(sent.indexOf(messageId), 1);
    return actions.remove(client, messageId);
  }
  const to = pick(ledger.clients.filter(({ isSteady }) => isSteady)) ?? client;
  sent.push(await actions.publish(client, to, Math.random() < 0.5 ? `key-${name}` : undefined));
}

async function registerAndLeave(actions: Actions, handle: string): Promise<void> {
  const other = await actions.register(handle);
  if (Math.random() < 0.5) await actions.leave(handle, other);
}

function pick<Item>(items: readonly Item[]): Item | undefined {
  return items[Math.floor(Math.random() * items.length)];
}
