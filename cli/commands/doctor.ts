/**
 * plainchat doctor: checks everything that the server needs, and whether the class can reach it.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { CliError, EXIT } from "../cli-error.ts";
import { examples, print } from "../context.ts";
import type { Finding } from "../finding.ts";
import { ProgressLine } from "../progress.ts";
import { addRootOption } from "../root-option.ts";
import { addStoreOption, storeOf } from "../store-option.ts";
import { joined, line, type Styled, style } from "../styled.ts";

const MARKS: Record<Finding["verdict"], Styled> = {
  good: style("green", "✓"),
  note: style("yellow", "!"),
  bad: style("red", "✗"),
};

export function addDoctor(program: Command): void {
  addStoreOption(addRootOption(program.command("doctor")))
    .summary("find out what is wrong")
    .description(
      "Checks that the data folder is writable, its file system is reliable, every line of the journal is undamaged and " +
        "the port is free. Shows the addresses at which the class can reach this computer. With --store, checks that the " +
        "database can be reached, keeps what it acknowledges, and has no rows that fit nothing.",
    )
    .addOption(
      new Option("--port <n>", "the port of the server").env("PLAINCHAT_PORT").default(8080).argParser(portNumber),
    )
    .addHelpText(
      "after",
      examples(
        ["doctor", "check everything before class"],
        ["doctor --root /srv/chat --port 80", "check another server"],
        ["doctor --store postgres://host/chat", "check a database"],
      ),
    )
    .action(async ({ root, port }: { root: string; port: number }, command: Command) => {
      const address = storeOf(command);
      const findings = await (address === undefined ? ofFolder(root, port) : ofDatabase(address));
      const text = findings.map(({ verdict, what, advice }) => {
        return joined([line`${MARKS[verdict]} ${what}`, ...(advice === undefined ? [] : [line`  ${advice}`])]);
      });
      print(command, { findings }, joined(text));
      const bad = findings.filter(({ verdict }) => verdict === "bad").length;
      if (bad === 1) throw new CliError("Something is wrong, see above", EXIT.folder);
      if (bad > 1) throw new CliError(`${bad} things are wrong, see above`, EXIT.folder);
    });
}

async function ofFolder(root: string, port: number): Promise<Finding[]> {
  const { examine } = await import("../examination.ts");
  const progress = new ProgressLine("Checking the journal");
  const findings = await examine(root, port, (done, of) => progress.show(done, of));
  progress.end();
  return findings;
}

async function ofDatabase(address: string): Promise<Finding[]> {
  const { examineDatabase } = await import("../examine-database.ts");
  return examineDatabase(address);
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError("Use a number from 1 to 65535.");
}
