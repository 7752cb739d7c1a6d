// Sizes of a workload: numbers in double braces in its commands are multiplied by `scale`, all at
// once, so that one file serves an emulated guest and a large machine. Pure; called by workload-file.ts.

import { limits } from "../../contract/limits.ts";
import { type Workload, workloadSchema } from "../../contract/workload.ts";
import type { BrokenRule } from "./workload-rules.ts";

/** `{{3000}}`: 3000 at scale 1. Anything else in braces is the shell's or awk's and stays. */
const sizeMark = /\{\{(\d{1,12})\}\}/g;

/** A workload whose commands hold plain numbers, and says at which scale where there were marks. */
export function scaleWorkload(
  workload: Workload,
  override: number | undefined,
): { workload: Workload; problems: BrokenRule[] } {
  const asked = override ?? workload.scale;
  const valid = workloadSchema.shape.scale.safeParse(asked);
  if (!valid.success) {
    const message = `the scale must be from ${limits.workloadScaleMin} to ${limits.workloadScaleMax}, not ${asked}`;
    return { workload, problems: [{ path: ["scale"], message }] };
  }
  const scale = asked ?? 1;
  let marks = 0;
  const apply = <T extends { command: string }>(entry: T): T => {
    // A mark is longer than its number at any scale, so no command outgrows its limit.
    const command = entry.command.replaceAll(sizeMark, (_mark, digits: string) => {
      marks++;
      return String(Math.max(1, Math.round(Number(digits) * scale)));
    });
    return { ...entry, command };
  };
  const setup = workload.setup.map(apply);
  const run = workload.run.map(apply);
  if (marks > 0) return { workload: { ...workload, scale, setup, run }, problems: [] };
  if (override === undefined || override === 1) return { workload, problems: [] };
  const message =
    "there is nothing to scale: mark the sizes in the commands, such as `seq 1 {{20000}}`";
  return { workload, problems: [{ path: ["scale"], message }] };
}
