// The command line's process: parses, runs one command, prints its answer, exits. The only file here
// that touches process, signals, timers and the exit code. Exit codes: DESIGN "Command line".

import { writeSync } from "node:fs";
import { SchedcpError, toSchedcpError } from "../contract/errors.ts";
import type { Answer } from "./command.ts";
import { commandTable } from "./command-table.ts";
import { parseCommandLine } from "./program.ts";
import { version } from "./version.ts";

const exitCodeOfHardExit = 130;
/** As for any other environment that can't be worked with. */
const exitCodeOfLostOutput = 3;

quietOnBrokenPipe();
await main(process.argv.slice(2));

async function main(argv: string[]): Promise<void> {
  // Known before parsing, so that a usage error is a document too.
  const json = argv.includes("--json");
  try {
    const parsed = parseCommandLine(commandTable, version(), argv);
    if (parsed.kind === "text") {
      process.stdout.write(parsed.text);
      return;
    }
    const { run } = await parsed.load();
    const { startTerminalProgress } = await import("./terminal-progress.ts");
    const view = startTerminalProgress(process.stderr, process.env);
    const signal = interruption(json, () =>
      view.note("interrupted: ending the run (once more to force)"),
    );
    const { arguments: given, options } = parsed;
    try {
      const { progress, lines } = view;
      const answer = await run({ arguments: given, options, progress, lines, signal });
      view.end();
      if (answer !== null) await print(answer, parsed.json);
    } catch (error) {
      view.end();
      throw signal.aborted ? signal.reason : error;
    }
  } catch (error) {
    await fail(error, json);
  }
}

async function print(answer: Answer, json: boolean): Promise<void> {
  const { printableJson, styleFor } = await import("./terminal-text.ts");
  const isTerminal = process.stdout.isTTY === true;
  const text = json
    ? printableJson(answer.document, isTerminal)
    : answer.text(styleFor(isTerminal, process.env));
  process.exitCode = answer.exitCode;
  process.stdout.write(`${text}\n`);
}

async function fail(thrown: unknown, json: boolean): Promise<void> {
  const { errorText } = await import("./error-text.ts");
  const { printableJson, styleFor } = await import("./terminal-text.ts");
  const error = toSchedcpError(thrown);
  process.exitCode = error.exitCode;
  const debug = (process.env.SCHEDCP_DEBUG ?? "") !== "";
  if (json) process.stdout.write(`${printableJson(error.toDocument(), false)}\n`);
  if (json && !debug) return;
  const style = styleFor(process.stderr.isTTY === true, process.env);
  process.stderr.write(`${errorText(error, style, debug)}\n`);
}

/** Aborts on the first signal that asks to end; a second one ends the process at once. */
function interruption(json: boolean, told: () => void): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      const error = new SchedcpError("interrupted", `interrupted by ${name}`, {
        hint: "`schedcp history` shows what was stored until then.",
      });
      if (controller.signal.aborted) {
        if (json) writeSync(process.stdout.fd, `${JSON.stringify(error.toDocument())}\n`);
        process.exit(exitCodeOfHardExit);
      }
      controller.abort(error);
      told();
    });
  }
  return controller.signal;
}

/** `schedcp … | head` is no fault: who reads no more wants no more, and hears nothing about it. */
function quietOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // EIO: the terminal is gone.
      if (error.code === "EPIPE" || error.code === "EIO") process.exit();
      if (stream === process.stderr) throw error;
      process.stderr.write(
        `✗ standard output cannot be written: ${error.code}\n  \`schedcp history\` shows what was stored.\n`,
      );
      process.exit(exitCodeOfLostOutput);
    });
  }
}
