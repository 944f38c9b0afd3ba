/**
 * Asks the server which data folder it has: in class mode by the tag of the class, otherwise by that of the folder.
 */
import { ChatError } from "../../client/chat-error.ts";
import type { PlainchatClient } from "../../client/plainchat-client.ts";

/** @returns undefined if the server does not say it. @throws {ChatError} when it does not answer. */
export async function whichFolder(client: PlainchatClient, isClass: boolean): Promise<string | undefined> {
  try {
    if (isClass) return (await client.readClass()).folder;
    const { headers } = await fetch("/readyz", { cache: "no-store" });
    return headers.get("data-folder") ?? undefined;
  } catch (error) {
    // It answers, but is no longer in class mode.
    if (error instanceof ChatError && error.status === 404) return undefined;
    throw error;
  }
}
