// Commands that the reader can run, as text for a POSIX shell. Pure; names and parameters are data,
// so they are quoted, and characters that could hide in a terminal are shown as `?`.

import { limits } from "../../contract/limits.ts";
import type { Measurement } from "../../contract/measurement.ts";
import type { PolicyIdentity } from "../../contract/policy.ts";
import type { Result } from "../../contract/result.ts";
import { countedPairs } from "./headline.ts";

export interface Command {
  line: string;
  /** What it is for. */
  purpose: string;
}

/** A word for the shell; quoted unless it is plainly harmless. */
export function shellWord(text: string): string {
  const visible = text.replace(/\p{C}/gu, "?");
  if (/^[A-Za-z0-9_./:=@%+][A-Za-z0-9_./:=@%+-]*$/.test(visible)) return visible;
  return `'${visible.replaceAll("'", `'\\''`)}'`;
}

function settings(policy: PolicyIdentity): string {
  return Object.entries(policy.parameters)
    .map(([knob, value]) => ` --set ${shellWord(`${knob}=${value}`)}`)
    .join("");
}

export function measureCommand(measurement: Measurement): string {
  const { policy, workload, seed } = measurement;
  const counted = Math.max(limits.workloadPairsMin, countedPairs(measurement));
  const arm = policy === null ? "" : ` --policy ${shellWord(policy.name)}${settings(policy)}`;
  return `schedcp measure ${shellWord(workload)}${arm} --pairs ${counted} --seed ${seed}`;
}

export function measurementCommands(measurement: Measurement): Command[] {
  const { policy, workload } = measurement;
  const again = {
    line: measureCommand(measurement),
    purpose: "measure it again, arms in the same order",
  };
  if (policy === null) return [again];
  return [
    again,
    {
      line: `schedcp verify ${shellWord(policy.name)} --workload ${shellWord(workload)}${settings(policy)}`,
      purpose: "verify exactly this policy with exactly these parameters",
    },
    {
      line: `schedcp policies show ${shellWord(policy.name)}`,
      purpose: "read how it decides, and its source",
    },
  ];
}

export function resultCommands(result: Result): Command[] {
  const measurement =
    result.best?.measurement ??
    result.candidates.find((candidate) => candidate.measurement !== null)?.measurement ??
    null;
  return [
    ...(measurement === null ? [] : measurementCommands(measurement)),
    {
      line: `schedcp optimize ${shellWord(result.workload)} --planner ${shellWord(result.planner)}`,
      purpose: "search again from the start",
    },
    {
      line: `schedcp history --workload ${shellWord(result.workload)}`,
      purpose: "see what was measured of this workload before",
    },
  ];
}
