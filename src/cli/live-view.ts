// What the live view shows, as lines: steps done, the current one with a bar and the time left, and
// candidates as they finish. Pure state: fed with events and a clock, it draws nothing itself.

import type { ProgressEvent } from "../contract/node.ts";
import { signedPercent } from "../control/report/quantity.ts";
import { columns, cut, printable, type TextStyle } from "./terminal-text.ts";

const barWidth = 28;
const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** Rows of candidates and of steps; more would scroll the terminal away. */
const candidatesShownMax = 12;
const stepsShownMax = 8;
const spinnerPeriodMs = 120;

interface Step {
  name: string;
  startedMs: number;
  endedMs: number | null;
}

export class LiveView {
  readonly #startedMs: number;
  readonly #steps: Step[] = [];
  readonly #candidates = new Map<string, NonNullable<ProgressEvent["candidate"]>>();
  #last: ProgressEvent | null = null;
  /** When the time left was told, to count down from. */
  #toldMs = 0;
  #fraction: number | null = null;
  #note = "";

  constructor(nowMs: number) {
    this.#startedMs = nowMs;
  }

  event(event: ProgressEvent, nowMs: number): void {
    const current = this.#steps.at(-1);
    if (current?.name !== event.step) {
      if (current !== undefined) current.endedMs = nowMs;
      this.#steps.push({ name: event.step, startedMs: nowMs, endedMs: null });
      this.#fraction = null;
    }
    if (event.candidate !== undefined) this.#candidates.set(event.candidate.label, event.candidate);
    if (event.fraction !== undefined) this.#fraction = Math.min(Math.max(event.fraction, 0), 1);
    if (event.etaSeconds !== undefined || this.#last?.step !== event.step) this.#toldMs = nowMs;
    const eta =
      event.etaSeconds ?? (this.#last?.step === event.step ? this.#last.etaSeconds : undefined);
    this.#last = { ...event, ...(eta === undefined ? {} : { etaSeconds: eta }) };
  }

  note(text: string): void {
    this.#note = text;
  }

  /** Nothing before the first event. No line is wider than `width`. */
  frame(nowMs: number, width: number, style: TextStyle): string[] {
    const last = this.#last;
    if (last === null) return this.#note === "" ? [] : [cut(style.warn(this.#note), width)];
    const lines = [this.#stepsLine(style), this.#currentLine(last, nowMs, style)];
    const bar = this.#barLine(last, nowMs, style);
    if (bar !== "") lines.push(bar);
    if (this.#candidates.size > 0) lines.push("", ...this.#candidateLines(style));
    if (this.#note !== "") lines.push("", style.warn(this.#note));
    return lines.filter((line, index) => index > 0 || line !== "").map((line) => cut(line, width));
  }

  #stepsLine(style: TextStyle): string {
    const done = this.#steps.filter((step) => step.endedMs !== null);
    return done
      .slice(-stepsShownMax)
      .map((step) => {
        const seconds = ((step.endedMs ?? 0) - step.startedMs) / 1000;
        return `${style.good("✓")} ${printable(step.name)} ${style.dim(clock(seconds))}`;
      })
      .join("   ");
  }

  #currentLine(last: ProgressEvent, nowMs: number, style: TextStyle): string {
    const turn = spinner[Math.floor(nowMs / spinnerPeriodMs) % spinner.length] ?? "";
    return `${style.warn(turn)} ${style.bold(printable(last.step))}  ${printable(last.message)}`;
  }

  #barLine(last: ProgressEvent, nowMs: number, style: TextStyle): string {
    const spent = style.dim(clock((nowMs - this.#startedMs) / 1000));
    if (this.#fraction === null) return `  ${spent}`;
    const full = Math.round(this.#fraction * barWidth);
    const bar = style.good("━".repeat(full)) + style.dim("━".repeat(barWidth - full));
    const percent = `${Math.round(this.#fraction * 100)} %`.padStart(5);
    const left =
      last.etaSeconds === undefined
        ? ""
        : style.dim(
            `, about ${clock(Math.max(last.etaSeconds - (nowMs - this.#toldMs) / 1000, 0))} left`,
          );
    return `  ${bar} ${percent}  ${spent}${left}`;
  }

  #candidateLines(style: TextStyle): string[] {
    const rows = [...this.#candidates.values()].slice(-candidatesShownMax).map((candidate) => {
      const gain = candidate.improvementPercent;
      const mark = gain === null ? style.dim : gain > 0 ? style.good : style.bad;
      const figure = mark(gain === null ? "–" : signedPercent(gain));
      return [printable(candidate.label), figure, style.dim(printable(candidate.note))];
    });
    const head = ["candidate", "improvement", ""].map((title) => style.dim(title));
    return columns([head, ...rows], "lrl").split("\n");
  }
}

/** `7 s`, `1:05`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}
