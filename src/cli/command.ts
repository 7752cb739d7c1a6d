// What a command is: its entry in the static table (command-table.ts) and its code, which is imported
// only when it runs. A command computes an answer; main.ts prints it and sets the exit code.

import type { Progress } from "../contract/node.ts";
import type { TextStyle } from "./terminal-text.ts";

export interface OptionSpec {
  /** As commander takes them: `--pairs <n>`. */
  flags: string;
  description: string;
  /** May be given several times; the values come as a list. */
  repeatable?: boolean;
  /** Parsed as a number; anything else is wrong usage. */
  kind?: "integer" | "number";
}

export interface CommandSpec {
  name: string;
  summary: string;
  /** `<required>` or `[optional]`, with a description. */
  arguments?: readonly { name: string; description: string }[];
  options?: readonly OptionSpec[];
  /** False for a command whose standard output is not an answer (a protocol). */
  json?: boolean;
  /** Shown after the help: a few real uses. */
  examples?: readonly string[];
  commands?: readonly CommandSpec[];
  load?: () => Promise<{ run: CommandRun }>;
}

export type OptionValue = string | number | boolean | string[] | undefined;

export interface CommandInput {
  /** Positional arguments; an optional one that was not given is missing at the end. */
  arguments: readonly string[];
  options: Readonly<Record<string, OptionValue>>;
  progress: Progress;
  /** The same as plain lines, also on a terminal: where prompts or other programs' words come too. */
  lines: Progress;
  /** Aborted with the SchedcpError that is to be reported (`interrupted`). */
  signal: AbortSignal;
}

/** What came out: the JSON document, the same for a person, and yes (0) or no (1, or 3: missing). */
export interface Answer {
  document: object;
  text: (style: TextStyle) => string;
  exitCode: 0 | 1 | 3;
}

/** Null where the command has said all itself (`mcp`). */
export type CommandRun = (input: CommandInput) => Promise<Answer | null>;

export function textOption(input: CommandInput, name: string): string | undefined {
  const value = input.options[name];
  return typeof value === "string" ? value : undefined;
}

export function numberOption(input: CommandInput, name: string): number | undefined {
  const value = input.options[name];
  return typeof value === "number" ? value : undefined;
}

export function listOption(input: CommandInput, name: string): readonly string[] {
  const value = input.options[name];
  return Array.isArray(value) ? value : [];
}

/** A required argument: commander has checked that it is there. */
export function argument(input: CommandInput, index: number): string {
  const value = input.arguments[index];
  if (value === undefined) throw new RangeError(`argument ${index} is missing`);
  return value;
}
