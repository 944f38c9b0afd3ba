/**
 * What a server says at the terminal when it accepts requests. serve.ts calls it, also when there is another class.
 */
import { realpathSync } from "node:fs";
import type { Logger } from "pino";
import { banner } from "./banner.ts";
import { isLoopback, networkAddresses } from "./http/routes/network-addresses.ts";
import { numbered } from "./local-name/names.ts";
import { qrCode } from "./qr-code.ts";
import type { Running } from "./running.ts";
import type { Settings } from "./settings.ts";
import { withoutPassword } from "./store/postgres/connection/database-address.ts";

export async function sayReady(settings: Settings, running: Running, log: Logger): Promise<void> {
  const { address, store } = running;
  await showBanner(settings, running);
  log.info({ address, ...(await store.figures()) }, "ready");
  const { filesAside } = await store.troubles();
  if (filesAside > 0) {
    log.error({ files: filesAside }, "Damaged files were moved to messages/aside, users/aside or class/aside");
  }
}

export async function showBanner(
  { root, database, isClass, localName }: Settings,
  { address, boundTo, port, store }: Running,
): Promise<void> {
  const { users, secretIsNew, classroom } = store;
  const secret = await store.secret.read();
  const showSecret = process.env.NODE_ENV !== "production";
  const classAddresses = isClass ? networkAddresses(port, boundTo) : undefined;
  const facts = {
    address,
    classAddresses,
    // It may turn out to be taken. Then the log says so.
    className: localName && `http://${numbered(localName, 1)}:${port}`,
    isOnlyHere: isLoopback(boundTo),
    keys: classroom && {
      teacher: (await classroom.openKey()).text,
      projector: (await classroom.openProjectorKey()).text,
    },
    secret,
    secretIsNew,
    showSecret,
    place: database === undefined ? { folder: realpathSync(root) } : { database: withoutPassword(database) },
    users,
  };
  process.stdout.write(await banner(facts));
  const [first] = classAddresses ?? [];
  if (first !== undefined && first.virtual === undefined && process.stdout.isTTY) {
    process.stdout.write(qrCode(`${first.url}/?join`));
  }
}
