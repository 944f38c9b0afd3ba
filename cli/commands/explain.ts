/**
 * plainchat explain METHOD PATH: sends a request and shows what the server did with it, step by step.
 */
import type { Command } from "commander";
import { examples } from "../context.ts";
import type { ExplainOptions } from "../explain-request.ts";

export function addExplain(program: Command): void {
  program
    .command("explain")
    .summary("see what the server does with a request, step by step")
    .description(
      "Sends a request and shows every step that the server took (✓ passed, ✗ stopped here, · not reached) and the files " +
        "that it read and wrote. If you are registered there, your id and token go with it, unless the body has its own.",
    )
    .argument("[method]", "for example GET or POST")
    .argument("[path]", "for example /api/v1/chat")
    .option("-d, --data <json>", "the body; @FILE reads it from a file")
    .option("-u, --user <id:token>", "send this id and token instead of yours")
    .option("-H, --header <line>", "add a header, for example 'Idempotency-Key: 1'; can be repeated", collect, [])
    .option("--no-credentials", "do not send your id and token")
    .option("--plan <operation>", "only list the steps of an operation, for example chat.post")
    .addHelpText(
      "after",
      examples(
        [`explain POST /api/v1/chat -d '{"userHandle":"grace","message":"hello"}'`, "send a message"],
        ['explain GET "/api/v1/register?userHandle=grace"', "look somebody up"],
        ["explain --plan chat.post", "list the steps without sending anything"],
      ),
    )
    .action(async (method: string | undefined, path: string | undefined, options: ExplainOptions, command: Command) => {
      const { explain, printPlan } = await import("../explain-request.ts");
      if (options.plan !== undefined) printPlan(options.plan, command);
      else await explain(method, path, options, command);
    });
}

function collect(line: string, lines: string[]): string[] {
  return [...lines, line];
}
