// `--gantt`: the recorded run as a picture, alone (SVG) or in a page with its figures (HTML). Answers the
// line that says so.

import { ganttDrawing } from "../report/gantt.ts";
import { toMarkup } from "../report/html.ts";
import { ganttOf, simulationPage } from "../report/simulation-page.ts";
import { writeOutputFile } from "./output-file.ts";
import type { Simulation } from "./simulate-policy.ts";

export async function writeGantt(simulation: Simulation, path: string): Promise<string> {
  const { report, recordings, recorded } = simulation;
  if (recordings.length === 0) return `no chart: nothing was simulated, so ${path} is not written`;
  const chart = ganttOf(report, recordings, recorded);
  const markup = /\.svg$/i.test(path)
    ? toMarkup(ganttDrawing(chart, true))
    : toMarkup(simulationPage(report, chart, recorded));
  await writeOutputFile(path, markup);
  const cut = recordings.some((recording) => recording.cut) ? ", its later part did not fit" : "";
  return `chart of ${recorded?.name ?? "the run"}: ${path}${cut}`;
}
