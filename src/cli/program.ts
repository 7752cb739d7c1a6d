// The command line's grammar, built from the static table: parses arguments into a command to run, or
// a text to print (help, version), or throws `usage`. Starts nothing and prints nothing.

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { SchedcpError } from "../contract/errors.ts";
import type { CommandRun, CommandSpec, OptionSpec, OptionValue } from "./command.ts";

export type Parsed =
  | { kind: "text"; text: string }
  | {
      kind: "command";
      json: boolean;
      arguments: string[];
      options: Record<string, OptionValue>;
      load: () => Promise<{ run: CommandRun }>;
    };

export function parseCommandLine(
  table: readonly CommandSpec[],
  version: string,
  argv: readonly string[],
): Parsed {
  const printed: string[] = [];
  let parsed: Parsed | undefined;
  const take = (found: Parsed) => {
    parsed = found;
  };
  const program = new Command("schedcp")
    .description("Finds, proves and measures a better Linux scheduler for a workload.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .configureHelp({ sortSubcommands: false })
    .configureOutput({ writeOut: (text) => printed.push(text), writeErr: () => undefined })
    // Before the command it means the same as after it.
    .addOption(new Option("--json").hideHelp())
    .exitOverride();
  for (const spec of table) addCommand(program, spec, take);
  program.addHelpText("after", "\nStart here: schedcp doctor, then schedcp start.");
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "text", text: printed.join("") };
    throw usageError(error, argv);
  }
  if (parsed === undefined) throw new TypeError("commander ran no command and threw nothing");
  return parsed;
}

function addCommand(parent: Command, spec: CommandSpec, take: (found: Parsed) => void): void {
  const command = parent.command(spec.name).summary(spec.summary).description(`${spec.summary}.`);
  command.helpOption("-h, --help", "print this help");
  for (const each of spec.arguments ?? []) command.argument(each.name, each.description);
  for (const each of spec.options ?? []) command.addOption(optionOf(each));
  for (const each of spec.commands ?? []) addCommand(command, each, take);
  if (spec.examples !== undefined) {
    command.addHelpText(
      "after",
      `\nFor example:\n${spec.examples.map((e) => `  ${e}`).join("\n")}`,
    );
  }
  const { load } = spec;
  if (load === undefined) return;
  if (spec.json !== false) {
    command.option("--json", "print exactly one JSON document on standard output");
  }
  command.allowExcessArguments(false).action(() => {
    const { json, ...options } = command.optsWithGlobals<Record<string, OptionValue>>();
    take({ kind: "command", json: json === true, arguments: command.args, options, load });
  });
}

function optionOf(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.description);
  if (spec.repeatable) {
    option.argParser((value, previous: string[] | undefined) => [...(previous ?? []), value]);
  } else if (spec.kind !== undefined) {
    const integer = spec.kind === "integer";
    option.argParser((value) => {
      const number = Number(value);
      const fits = integer ? Number.isSafeInteger(number) : Number.isFinite(number);
      if (value.trim() !== "" && fits && number >= 0) return number;
      throw new InvalidArgumentError(integer ? "Give a whole number." : "Give a number.");
    });
  }
  return option;
}

/** Commander's words for what is wrong, with its suggestion as the hint. */
function usageError(error: CommanderError, argv: readonly string[]): SchedcpError {
  const words = argv.filter((word) => /^[a-z]+$/.test(word));
  if (error.code === "commander.help") {
    return new SchedcpError("usage", "no command given", {
      hint: `Run \`schedcp ${[...words.slice(0, 1), "--help"].join(" ")}\` to see the commands.`,
    });
  }
  const text = error.message.replace(/^error: /, "");
  const suggestion = /\(Did you mean (.+)\?\)/.exec(text)?.[1];
  const message = text
    .replace(/\s*\(Did you mean .+\?\)/, "")
    .replace(/\s+/g, " ")
    .trim();
  return new SchedcpError("usage", message, {
    hint:
      suggestion === undefined
        ? `Run \`schedcp ${[...words.slice(0, 1), "--help"].join(" ")}\` to see what there is.`
        : `Did you mean ${suggestion}?`,
  });
}
