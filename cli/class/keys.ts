/**
 * plainchat class keys: shows the three addresses of a class, for pupils, for the teacher and for the wall, and replaces
 * the keys in them.
 */
import type { Command } from "commander";
import { PlainchatClient } from "../../client/plainchat-client.ts";
import { examples, print } from "../context.ts";
import { PATIENCE } from "../somebody.ts";
import { joined, line } from "../styled.ts";
import { addressHere, type ClassOptions } from "./as-teacher.ts";

const HTTP_PORT = 80;

export function addKeys(group: Command): void {
  group
    .command("keys")
    .summary("show the addresses and keys")
    .description(
      "Shows the addresses of the class in a data folder of this computer: for pupils, for the teacher and for the " +
        "projector. The last two end with a key. Keep the teacher's to yourself.",
    )
    .option("--new", "make new keys; the old ones no longer count, also on a running server")
    .addHelpText(
      "after",
      examples(
        ["class keys", "show them again, in the middle of a lesson"],
        ["class keys --new", "after somebody has seen the teacher's key"],
      ),
    )
    .action(async ({ new: isNew }: { new?: true }, command: Command) => {
      const { keysIn, replaceKeys } = await import("./keys-of-folder.ts");
      const options = command.optsWithGlobals<ClassOptions>();
      const keys = isNew === true ? await replaceKeys(options.root) : await keysIn(options.root);
      const url = addressHere(options);
      const pupils = await addressesForPupils(url, options.root);
      const addresses = {
        pupils,
        teacher: `${url}/teacher#${keys.teacher}`,
        projector: `${url}/projector#${keys.projector}`,
      };
      const text = joined([
        line`for the class      ${pupils.join("  ") || "other computers cannot reach the server"}`,
        line`for the teacher    ${addresses.teacher}`,
        line`for the projector  ${addresses.projector}`,
        ...(isNew === true ? [`Both keys are new. Open both pages again, with these addresses.`] : []),
      ]);
      print(command, addresses, text);
    });
}

/** What a running server says, or where one could be reached. */
async function addressesForPupils(url: string, root: string): Promise<string[]> {
  const { serverAt } = await import("../examine-network.ts");
  if ((await serverAt(url, root)) === "of this folder") {
    const known = await new PlainchatClient(url, PATIENCE).readClass().catch(() => undefined);
    if (known !== undefined) return known.addresses;
  }
  const { networkAddresses } = await import("../../server/http/routes/network-addresses.ts");
  const port = Number(new URL(url).port || HTTP_PORT);
  return networkAddresses(port, "0.0.0.0").flatMap((each) => (each.virtual === undefined ? each.url : []));
}
