// What doctor found, as a person reads it: a line a thing, with its remedy where there is one.

import type { DoctorReport } from "../control/setup/doctor.ts";
import { columns, hanging, printable, type TextStyle } from "./terminal-text.ts";

const width = 78;

export function doctorText(report: DoctorReport, style: TextStyle): string {
  const marks = { ok: style.good("✓"), warning: style.warn("!"), missing: style.bad("✗") };
  const nameWidth = Math.max(...report.checks.map((check) => check.name.length));
  const rows = report.checks.map((check) => [
    marks[check.status],
    check.name,
    hanging(printable(check.found), nameWidth + 7, width),
  ]);
  const remedies = report.checks
    .filter((check) => check.remedy !== undefined)
    .map((check) => {
      const text = `${check.name}: ${printable(check.remedy ?? "")}`;
      return `  ${marks[check.status]} ${hanging(text, 4, width)}`;
    });
  const { lab, host } = report.ready;
  return [
    style.bold(printable(report.system)),
    columns(rows, "lll"),
    ...(remedies.length === 0 ? [] : ["", style.bold("What to do"), ...remedies]),
    "",
    lab
      ? `${style.good("✓")} Ready: policies can be proved and measured in the lab.`
      : `${style.bad("✗")} Not ready yet: the lab lacks what is marked. \`schedcp setup\` installs it.`,
    host
      ? `${style.good("✓")} This host's own kernel could run a policy.`
      : style.dim("· This host's own kernel can't run a policy; the lab brings its own."),
  ].join("\n");
}
