// What analysis learnt of a workload, as a person reads it.

import type { WorkloadProfile } from "../contract/profile.ts";
import { duration, number, percent } from "../control/report/quantity.ts";
import { environmentLines } from "./measurement-text.ts";
import { columns, printable, type TextStyle, wrapped } from "./terminal-text.ts";

const width = 76;

export function profileText(profile: WorkloadProfile, style: TextStyle): string {
  const head = ["entry", "processes", "lived", "CPU time", "waited", "switches/s", "of them slept"];
  const rows = profile.entries.map((entry) => [
    printable(entry.name) + (entry.background ? style.dim(" (background)") : ""),
    String(entry.count),
    duration(entry.lifetimeMs),
    duration(entry.cpuMs),
    duration(entry.waitMs),
    number(entry.switchesPerSecond),
    percent(entry.voluntaryShare * 100),
  ]);
  return [
    `${style.bold(profile.workload)}: ${profile.kind}`,
    ...environmentLines(profile.environment).map(style.dim),
    "",
    wrapped(printable(profile.summary), width, "  "),
    "",
    columns([head.map((title) => style.dim(title)), ...rows], "lrrrrrr"),
    "",
    columns(
      [
        ["makespan", duration(profile.makespanMs)],
        ["CPUs busy", percent(profile.utilisation * 100)],
        ["longest job ÷ shortest", number(profile.imbalance)],
        ["processes per CPU", number(profile.oversubscription)],
        ["context switches", `${number(profile.contextSwitchesPerSecond)}/s`],
      ],
      "lr",
    ),
  ].join("\n");
}
