/**
 * plainchat hand up|down: raises your hand in a class, or takes it down.
 */
import { Argument, type Command } from "commander";
import { examples, print } from "../context.ts";
import { whoRuns } from "../somebody.ts";

export function addHand(program: Command): void {
  program
    .command("hand")
    .summary("raise your hand in a class")
    .description("Shows the teacher that you want help, or no longer.")
    .addArgument(new Argument("<where>", "up or down").choices(["up", "down"]))
    .addHelpText("after", examples(["hand up", "ask the teacher for help"], ["hand down", "you need no help any more"]))
    .action(async (where: "up" | "down", _options: object, command: Command) => {
      const { client } = await whoRuns(command);
      const hand = await client.raiseHand({ isUp: where === "up" });
      print(command, hand, hand.isUp ? "Your hand is up. The teacher sees it." : "Your hand is down.");
    });
}
