/**
 * plainchat people: lists all users.
 */
import type { Command } from "commander";
import type { User } from "../../client/types.ts";
import { examples, print } from "../context.ts";
import { markedName } from "../show.ts";
import { whoRuns } from "../somebody.ts";
import { joined, line } from "../styled.ts";

/** The server sends at most this many users at once. */
const PAGE = 200;

export function addPeople(program: Command): void {
  program
    .command("people")
    .summary("list everybody")
    .description("Lists all users, in the order in which they registered.")
    .addHelpText("after", examples(["people", "list everybody"], ["people --json", "print JSON for a program"]))
    .action(async (_options: object, command: Command) => {
      const { client, identity } = await whoRuns(command);
      const users: User[] = [];
      for (;;) {
        const page = await client.listUsers({ after: users.at(-1)?.userId ?? 0, limit: PAGE });
        users.push(...page.users);
        if (page.users.length < PAGE) break;
      }
      const width = String(users.at(-1)?.userId ?? 0).length;
      const lines = users.map((user) => {
        const me = user.userId === identity.myId ? "   (you)" : "";
        return line`${String(user.userId).padStart(width)}  ${markedName(user)}${me}`;
      });
      print(command, { users }, joined(lines));
    });
}
