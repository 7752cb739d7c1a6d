// What a dump shows of a stall, a line each. Pure; called by stall.ts.

import type { ExitReport } from "./exit-report.ts";
import { fellowSufferers, type StalledTask } from "./stalled-task.ts";
import { cpuList, currentOf, nameOf, queueName } from "./task-words.ts";

const fellowsShown = 5;
const cpusShown = 4;

export function evidenceOf(report: ExitReport, stalled: StalledTask): string[] {
  const { task, on, idle } = stalled;
  const where =
    task.dsq === null
      ? task.ownedByPolicy
        ? "in the policy's hands (dsq_id=(n/a), ops_state=2)"
        : "in no queue (dsq_id=(n/a))"
      : `in ${queueName(task.dsq)}`;
  const lines = [
    `${nameOf(task)} had been runnable for ${(task.waitedMs / 1000).toFixed(3)} s, ${where}, on CPU ${on.cpu}; it may use ${cpuList(stalled.allowed)}`,
  ];
  for (const cpu of report.cpus
    .filter((each) => stalled.allowed.includes(each.cpu))
    .slice(0, cpusShown)) {
    lines.push(
      `CPU ${cpu.cpu} was running ${currentOf(cpu)} of ${cpu.currentClass || "an unknown class"}`,
    );
  }
  if (idle.length > 0) lines.push(`idle meanwhile: ${cpuList(idle)}`);
  const others = fellowSufferers(report, stalled);
  if (others.length > 0) {
    const names = others.slice(0, fellowsShown).map(nameOf).join(", ");
    lines.push(
      `waiting about as long: ${names}${others.length > fellowsShown ? ` and ${others.length - fellowsShown} more` : ""}`,
    );
  }
  return lines;
}
