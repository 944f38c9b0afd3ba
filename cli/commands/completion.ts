/**
 * plainchat completion SHELL: prints a script that makes the Tab key complete commands. It is built from the commands
 * themselves, so it cannot be out of date.
 */
import { Argument, type Command } from "commander";
import { examples } from "../context.ts";
import { say } from "../output.ts";

export function addCompletion(program: Command): void {
  program
    .command("completion")
    .summary("make the Tab key complete commands")
    .description("Prints a script for bash or zsh. With it, Tab completes the commands of plainchat and their options.")
    .addArgument(new Argument("<shell>", "your shell").choices(["bash", "zsh"]))
    .addHelpText(
      "after",
      examples(
        ["completion bash >> ~/.bashrc", "for bash, in every new terminal"],
        ["completion zsh >> ~/.zshrc", "for zsh, in every new terminal"],
      ),
    )
    .action((shell: "bash" | "zsh") => {
      const commands = program.commands.map((command) => completed(command, optionsOf(program)));
      const options = withAll(program).flatMap((command) => command.options);
      const values = options.flatMap(({ long = "", argChoices = [] }) =>
        argChoices.length === 0 ? [] : [{ option: long, words: argChoices }],
      );
      const withValue = options.filter((option) => option.required).map(({ long = "" }) => long);
      say(shell === "bash" ? forBash(commands, values, withValue) : forZsh(commands, values));
    });
}

const SERVE_OPTIONS = ["--root", "--store", "--port", "--host", "--class", "--help"];

interface Completed {
  name: string;
  summary: string;
  options: string[];
  /** The values of its argument, if they are known. */
  words: string[];
  /** The commands in it, as in `class pause`. */
  commands: Completed[];
}

/** The values of an option. */
interface Values {
  option: string;
  words: string[];
}

/** @param more options that it has from the command around it. */
function completed(command: Command, more: string[]): Completed {
  // serve passes its options on as they are, so commander does not know them.
  const options = command.name() === "serve" ? SERVE_OPTIONS : [...optionsOf(command), ...more];
  const commands = command.commands.map((each) => completed(each, options));
  return {
    name: command.name(),
    summary: command.summary(),
    options,
    words: [
      ...commands.map(({ name }) => name),
      ...command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
    ],
    commands,
  };
}

/** A command, and all that are in it. */
function withAll(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withAll)];
}

function optionsOf(command: Command): string[] {
  return [...command.options.map((option) => option.long ?? ""), "--help"].filter((option) => option !== "");
}

function forBash(commands: Completed[], values: Values[], withValue: string[]): string {
  const cases = commands.flatMap(({ name, options, words, commands: inner }) => [
    `    ${name}) options="${unique(options)}" words="${unique(words)}" ;;`,
    ...inner.map((each) => {
      return `    "${name} ${each.name}") options="${unique(each.options)}" words="${unique(each.words)}" ;;`;
    }),
  ]);
  const groups = commands.filter((each) => each.commands.length > 0).map(({ name }) => name);
  return `_plainchat() {
  local options words i command="" current=\${COMP_WORDS[COMP_CWORD]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${withValue.filter((each, i) => withValue.indexOf(each) === i).join("|")}) ((i++)) ;;
      -*) ;;
      *)
        command="\${command:+$command }\${COMP_WORDS[i]}"
        case $command in
          ${groups.join("|")}) ;;
          *) break ;;
        esac ;;
    esac
  done
  case \${COMP_WORDS[COMP_CWORD-1]} in
${values.map(({ option, words }) => `    ${option}) COMPREPLY=($(compgen -W "${unique(words)}" -- "$current")); return ;;`).join("\n")}
  esac
  case $command in
    "") options="--url --as --json --help" words="${commands.map(({ name }) => name).join(" ")}" ;;
${cases.join("\n")}
  esac
  if [[ $current == -* ]]; then words=$options; fi
  if [[ -z $words ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o filenames -F _plainchat plainchat`;
}

function forZsh(commands: Completed[], values: Values[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''").replaceAll(":", "\\:")}'`;
  const described = (each: Completed[], indent: string) => `local -a commands=(
${each.map(({ name, summary }) => `${indent}  ${quoted(name)}:${quoted(summary)}`).join("\n")}
${indent})
${indent}_describe command commands`;
  const added = ({ options, words }: Completed) => {
    return `compadd -- ${unique(options)} ${unique(words)}; ${words.length === 0 ? "_files " : ""};;`;
  };
  const cases = commands.map((command) => {
    const { name, commands: inner } = command;
    if (inner.length === 0) return `      ${name}) ${added(command)}`;
    return `      ${name})
        if (( CURRENT == 3 )); then
          ${described(inner, " ".repeat(10))}
          compadd -- ${unique(command.options)}
        else
          case $words[3] in
${inner.map((each) => `            ${each.name}) ${added(each)}`).join("\n")}
          esac
        fi ;;`;
  });
  return `_plainchat() {
  case $words[CURRENT-1] in
${values.map(({ option, words }) => `    ${option}) compadd -- ${unique(words)}; return ;;`).join("\n")}
  esac
  if (( CURRENT == 2 )); then
    ${described(commands, "    ")}
  else
    case $words[2] in
${cases.join("\n")}
    esac
  fi
}
compdef _plainchat plainchat`;
}

function unique(words: string[]): string {
  return [...new Set(words)].join(" ");
}
