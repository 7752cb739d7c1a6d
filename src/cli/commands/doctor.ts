// `doctor`: what this machine can do. Exit code 3 where the lab lacks something.

import { examine } from "../../control/setup/doctor.ts";
import type { Answer } from "../command.ts";
import { doctorText } from "../doctor-text.ts";

export async function run(): Promise<Answer> {
  const report = await examine();
  return {
    document: report,
    text: (style) => doctorText(report, style),
    exitCode: report.ready.lab ? 0 : 3,
  };
}
