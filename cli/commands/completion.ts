/**
 * plainchat completion SHELL: what makes the Tab key know the commands. It is made from the commands themselves.
 */
import { Argument, type Command } from "commander";
import { examples } from "../context.ts";

export function addCompletion(program: Command): void {
  program
    .command("completion")
    .summary("let the Tab key know the commands")
    .description("Prints what bash or zsh needs, so that Tab completes the commands of plainchat and their options.")
    .addArgument(new Argument("<shell>", "for which shell").choices(["bash", "zsh"]))
    .addHelpText(
      "after",
      examples(
        ["completion bash >> ~/.bashrc", "for bash, from the next terminal on"],
        ["completion zsh >> ~/.zshrc", "for zsh"],
      ),
    )
    .action((shell: "bash" | "zsh") => {
      const commands = program.commands.map((command) => ({
        name: command.name(),
        summary: command.summary(),
        options: [...optionsOf(command), ...optionsOf(program)],
      }));
      console.log(shell === "bash" ? forBash(commands) : forZsh(commands));
    });
}

interface Completed {
  name: string;
  summary: string;
  options: string[];
}

function optionsOf(command: Command): string[] {
  return [...command.options.map((option) => option.long ?? ""), "--help"].filter((option) => option !== "");
}

function forBash(commands: Completed[]): string {
  const cases = commands.map(({ name, options }) => `    ${name}) words="${[...new Set(options)].join(" ")}" ;;`);
  return `_plainchat() {
  local words word command=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) command=$word; break ;; esac
  done
  case $command in
    "") words="${commands.map(({ name }) => name).join(" ")} --help" ;;
${cases.join("\n")}
  esac
  local current=\${COMP_WORDS[COMP_CWORD]}
  if [[ -n $command && $current != -* ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o filenames -F _plainchat plainchat`;
}

function forZsh(commands: Completed[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''").replaceAll(":", "\\:")}'`;
  const cases = commands.map(
    ({ name, options }) => `      ${name}) compadd -- ${[...new Set(options)].join(" ")}; _files ;;`,
  );
  return `_plainchat() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${commands.map(({ name, summary }) => `      ${quoted(name)}:${quoted(summary)}`).join("\n")}
    )
    _describe command commands
  else
    case $words[2] in
${cases.join("\n")}
    esac
  fi
}
compdef _plainchat plainchat`;
}
