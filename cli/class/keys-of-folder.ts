/**
 * The keys in a data folder, for the person who may read it.
 */
import type { ClassKeys } from "../../server/store/class/class-keys.ts";
import { makeKeys, readKeys } from "../../server/store/class/class-keys.ts";
import { isCode } from "../../server/store/error-code.ts";
import { Paths } from "../../server/store/files/paths.ts";
import { hostsOf } from "../../server/store/postgres/connection/database-address.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { askToLook, becomeOwner, folderProblem } from "../data-folder.ts";
import { LAUNCHER } from "../launcher.ts";

/** @throws {CliError} when there are none, or the file cannot be read, or the class is in a database. */
export async function keysIn(root: string): Promise<ClassKeys> {
  mustBeOnFiles();
  const paths = new Paths(root);
  let keys: ClassKeys | undefined;
  try {
    keys = readKeys(paths);
  } catch (error) {
    if (isCode(error, "EACCES", "EPERM")) {
      throw new CliError(
        `You may not read ${paths.classFile("keys.json")}. Run this as the user who runs the server`,
        EXIT.folder,
      );
    }
    if (!isCode(error, "ENOENT")) throw folderProblem(error, root);
    throw new CliError(
      `There is no class in ${root}. The server makes the keys when it starts in class mode: ${LAUNCHER} serve --class. Another folder: --root. A server on another computer: --url. A class in a database: set PLAINCHAT_STORE, and this says how`,
      EXIT.folder,
    );
  }
  if (keys !== undefined) return keys;
  throw new CliError(
    `${paths.classFile("keys.json")} is damaged. Make new keys: ${LAUNCHER} class keys --new`,
    EXIT.folder,
  );
}

/**
 * Replaces the keys. A server that is running takes the new ones before this returns.
 * @throws {CliError} when there is no class, or the folder cannot be changed.
 */
export async function replaceKeys(root: string): Promise<ClassKeys> {
  try {
    await keysIn(root).catch((error) => {
      if (!isDamaged(root)) throw error;
    });
    await becomeOwner(root);
    const keys = await makeKeys(new Paths(root));
    await askToLook(root);
    return keys;
  } catch (error) {
    throw folderProblem(error, root);
  }
}

/** The folder may have an old class. Its keys would be the wrong ones. */
function mustBeOnFiles(): void {
  const { PLAINCHAT_STORE: address = "" } = process.env;
  if (address === "") return;
  // Of several hosts, psql takes the first that answers, and that may be a standby.
  const before = hostsOf(address).length > 1 ? "PGTARGETSESSIONATTRS=read-write " : "";
  const psql = (sql: string) => `${before}psql "$PLAINCHAT_STORE" -c "${sql}"`;
  throw new CliError(
    `The class is in the database that PLAINCHAT_STORE names. Its keys: ${psql("select teacher, projector from class_keys")} New keys: ${psql("update class_keys set teacher = gen_random_uuid(), projector = gen_random_uuid()")} Then give the teacher's key with --key`,
    EXIT.folder,
  );
}

/** Whether the file is there and can be read, so that its keys can be replaced. */
function isDamaged(root: string): boolean {
  try {
    return readKeys(new Paths(root)) === undefined;
  } catch {
    return false;
  }
}
