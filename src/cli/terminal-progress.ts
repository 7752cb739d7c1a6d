// Progress on standard error: drawn over itself on a terminal, plain lines anywhere else. Owns the
// timer that keeps the clock of the drawing going. Started and ended by main.ts.

import type { WriteStream } from "node:tty";
import type { Progress, ProgressEvent } from "../contract/node.ts";
import { clock, LiveView } from "./live-view.ts";
import { printable, styleFor } from "./terminal-text.ts";

const redrawMs = 120;
/** Plain lines of one step are at least so far apart; a new step or a candidate is told at once. */
const plainIntervalMs = 10_000;

export interface TerminalProgress {
  progress: Progress;
  /** Always plain lines, every event. */
  lines: Progress;
  note(text: string): void;
  /** Takes the drawing off the screen. What comes after starts on a line of its own. */
  end(): void;
}

export function startTerminalProgress(
  stream: WriteStream,
  environment: NodeJS.ProcessEnv,
): TerminalProgress {
  const draws = stream.isTTY === true && environment.TERM !== "dumb";
  return draws ? drawn(stream, environment) : plainLines(stream);
}

function drawn(stream: WriteStream, environment: NodeJS.ProcessEnv): TerminalProgress {
  const style = styleFor(true, environment);
  const view = new LiveView(performance.now());
  let height = 0;
  let timer: NodeJS.Timeout | undefined;
  const erase = () => {
    // Up to the first line of the drawing, and everything below it away.
    const up = height > 1 ? `\u001b[${height - 1}A` : "";
    const text = height === 0 ? "" : `\r${up}\u001b[J`;
    height = 0;
    return text;
  };
  const draw = () => {
    const rows = Math.max((stream.rows || 24) - 1, 1);
    const lines = view.frame(performance.now(), Math.max((stream.columns || 80) - 1, 20), style);
    const shown = lines.slice(0, rows);
    const text = erase() + shown.join("\n");
    height = shown.length;
    stream.write(text);
  };
  const goOn = () => {
    if (timer !== undefined) return;
    stream.write("\u001b[?25l");
    timer = setInterval(draw, redrawMs).unref();
    process.once("exit", showCursor);
  };
  const showCursor = () => stream.write("\u001b[?25h");
  return {
    progress(event) {
      view.event(event, performance.now());
      goOn();
    },
    lines: plainWriter(stream, 0),
    note(text) {
      view.note(text);
      goOn();
    },
    end() {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      stream.write(erase());
      showCursor();
      process.off("exit", showCursor);
    },
  };
}

function plainLines(stream: WriteStream): TerminalProgress {
  return {
    progress: plainWriter(stream, plainIntervalMs),
    lines: plainWriter(stream, 0),
    note: (text) => stream.write(`schedcp: ${printable(text)}\n`),
    end: () => undefined,
  };
}

function plainWriter(stream: WriteStream, intervalMs: number): Progress {
  let step = "";
  let toldMs = Number.NEGATIVE_INFINITY;
  return (event) => {
    const now = performance.now();
    const due = event.step !== step || now - toldMs >= intervalMs;
    if (!due && event.candidate === undefined) return;
    step = event.step;
    toldMs = now;
    stream.write(`schedcp: ${plainLine(event)}\n`);
  };
}

function plainLine({ step, message, fraction, etaSeconds, candidate }: ProgressEvent): string {
  const percent = fraction === undefined ? [] : [`${Math.round(fraction * 100)} %`];
  const left = etaSeconds === undefined ? [] : [`about ${clock(etaSeconds)} left`];
  const aside = [...percent, ...left].join(", ");
  const gain = candidate?.improvementPercent;
  const tried =
    candidate === undefined
      ? ""
      : ` [${printable(candidate.label)}: ${gain == null ? "no figure" : `${gain.toFixed(1)} %`}, ${printable(candidate.note)}]`;
  return `${printable(step)}: ${printable(message)}${aside === "" ? "" : ` (${aside})`}${tried}`;
}
