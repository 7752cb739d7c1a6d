// `--trace`: the recorded run as a file that ui.perfetto.dev opens. Answers the line that says so.

import { perfettoTrace } from "../../simulator/report/perfetto-trace.ts";
import { writeOutputFile } from "./output-file.ts";
import type { Simulation } from "./simulate-policy.ts";

export async function writeTrace(simulation: Simulation, path: string): Promise<string> {
  const { report, recordings, recorded } = simulation;
  if (recordings.length === 0) return `no trace: nothing was simulated, so ${path} is not written`;
  const trace = perfettoTrace(recordings, {
    made_by: "schedcp simulate",
    policy: report.policy.name,
    scenario: recorded?.name ?? "",
    seed: report.seed,
    kernel_model: report.kernel,
  });
  await writeOutputFile(path, trace.json);
  const cut = trace.cutNote === null ? "" : ` (${trace.cutNote})`;
  return `trace of ${recorded?.name ?? "the run"}: ${path}, open it in https://ui.perfetto.dev${cut}`;
}
