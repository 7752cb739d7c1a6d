// Runs the command line as a user does: a process of its own, with a data folder and a cache of its
// own. On a terminal where asked for (by `script`, of util-linux).

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Outcome {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Node's own arguments and ours, for a process that is handled by hand. */
export function commandLine(args: readonly string[]): [string, string[]] {
  return [process.execPath, ["--disable-warning=ExperimentalWarning", main, ...args]];
}

export function environmentIn(directory: string): NodeJS.ProcessEnv {
  const { NO_COLOR: _noColor, FORCE_COLOR: _forceColor, ...rest } = process.env;
  return {
    ...rest,
    TERM: "xterm-256color",
    SCHEDCP_DATA_DIR: `${directory}/data`,
    SCHEDCP_CACHE_DIR: `${directory}/cache`,
  };
}

export async function schedcp(directory: string, ...args: string[]): Promise<Outcome> {
  const [program, given] = commandLine(args);
  return outcomeOf(spawn(program, given, { env: environmentIn(directory) }));
}

/** On a terminal: what was written to it is all in `stdout`. */
export async function schedcpOnTerminal(
  directory: string,
  command: string,
  environment: NodeJS.ProcessEnv,
): Promise<Outcome> {
  const [program, given] = commandLine([command]);
  const line = [program, ...given].map((word) => `'${word}'`).join(" ");
  const options = ["--quiet", "--return", "--command", line, "/dev/null"];
  const env = { ...environmentIn(directory), ...environment };
  return outcomeOf(spawn("script", options, { env }));
}

async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const outcome: Outcome = { exitCode: null, stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => {
    outcome.stdout += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    outcome.stderr += chunk.toString();
  });
  const [exitCode] = await once(child, "close");
  outcome.exitCode = exitCode;
  return outcome;
}
