// `simulate`: a policy's own object in the simulator: the adversarial suite, a workload against the
// default scheduler's model, or a counterexample again. Only a pass is a yes (0).

import { SchedcpError } from "../../contract/errors.ts";
import { nameSchema } from "../../contract/workload.ts";
import type { SimulateRequest } from "../../control/control-plane.ts";
import { requestedMachine } from "../../control/simulation/machine.ts";
import {
  type Answer,
  argument,
  type CommandInput,
  listOption,
  numberOption,
  textOption,
} from "../command.ts";
import { withControlPlane } from "../control.ts";
import { parametersArgument, policyArgument } from "../policy-argument.ts";
import { simulationText } from "../simulation-text.ts";
import { workloadArgument } from "../workload-argument.ts";

const seedDefault = 1;
const seedMax = 0xffff_ffff;
/** What a given scenario has of its own. */
const ofScenario = ["workload", "profile", "cpus", "topology", "seed"] as const;

export async function run(input: CommandInput): Promise<Answer> {
  const tracePath = textOption(input, "trace");
  const ganttPath = textOption(input, "gantt");
  await assertFilesApart(input);
  const { request, kernel } = await requestOf(input);
  await assertWritable(tracePath, ganttPath);
  const { progress, signal } = input;
  const { report, recordings, recorded } = await withControlPlane(
    (control) =>
      control.simulate(
        { ...request, record: tracePath !== undefined || ganttPath !== undefined },
        { progress, signal },
      ),
    kernel === undefined ? {} : { kernel },
  );
  const notes: string[] = [];
  const drawn = { report, recordings, recorded };
  if (tracePath !== undefined) {
    const { writeTrace } = await import("../../control/simulation/write-trace.ts");
    notes.push(await writeTrace(drawn, tracePath));
  }
  if (ganttPath !== undefined) {
    const { writeGantt } = await import("../../control/simulation/write-gantt.ts");
    notes.push(await writeGantt(drawn, ganttPath));
  }
  return {
    document: report,
    text: (style) => simulationText(report, notes, style),
    exitCode: report.verdict === "pass" ? 0 : 1,
  };
}

async function requestOf(
  input: CommandInput,
): Promise<{ request: SimulateRequest; kernel: string | undefined }> {
  const policy = await policyArgument(argument(input, 0));
  const parameters = parametersArgument(listOption(input, "set"));
  const kernel = textOption(input, "kernel");
  const scenarioPath = textOption(input, "scenario");
  if (scenarioPath !== undefined) {
    const given = ofScenario.find((name) => input.options[name] !== undefined);
    if (given !== undefined) {
      throw new SchedcpError("usage", `--scenario and --${given} exclude each other`, {
        hint: `A scenario brings its own tasks, machine and seed: leave --${given} out.`,
      });
    }
    const { readScenarioFile } = await import("../../control/simulation/scenario-file.ts");
    const scenario = await readScenarioFile(scenarioPath);
    return { request: { policy, parameters, scenario }, kernel };
  }
  const named = textOption(input, "workload");
  const profilePath = textOption(input, "profile");
  if (profilePath !== undefined && named === undefined) {
    throw new SchedcpError("usage", "--profile without --workload", {
      hint: "A profile says how long the tasks of a workload run: name that workload.",
    });
  }
  const machine = requestedMachine(numberOption(input, "cpus"), textOption(input, "topology"));
  const workload = named === undefined ? undefined : await workloadArgument(named, input);
  const request: SimulateRequest = {
    policy,
    parameters,
    seed: seedOf(numberOption(input, "seed")),
    ...(machine === null ? {} : { machine }),
    ...(workload === undefined ? {} : { workload }),
  };
  if (profilePath !== undefined) {
    const { readProfileFile } = await import("../../control/simulation/scenario-file.ts");
    request.profile = await readProfileFile(profilePath);
  }
  return { request, kernel };
}

function seedOf(seed: number | undefined): number {
  if (seed === undefined) return seedDefault;
  if (seed <= seedMax) return seed;
  throw new SchedcpError("usage", `a seed of ${seed} is too large`, {
    hint: `Give --seed 0 to ${seedMax}.`,
  });
}

/** No file that is read is written over, and no output by the other. */
async function assertFilesApart(input: CommandInput): Promise<void> {
  const { assertApart } = await import("../../control/simulation/output-file.ts");
  const option = (name: string) => {
    const path = textOption(input, name);
    return path === undefined ? [] : [{ what: `--${name}`, path }];
  };
  const outputs = [...option("trace"), ...option("gantt")];
  const inputs = [
    { what: "the policy", path: argument(input, 0) },
    ...["scenario", "workload", "profile", "kernel"].flatMap(option),
  ];
  // What looks like a name is no file: a policy of the library, a ready workload.
  const isFile = ({ path }: { path: string }) => !nameSchema.safeParse(path).success;
  await assertApart(outputs, inputs.filter(isFile));
}

/** Known before anything runs. */
async function assertWritable(...paths: (string | undefined)[]): Promise<void> {
  const { assertOutputPath } = await import("../../control/simulation/output-file.ts");
  for (const path of paths) if (path !== undefined) await assertOutputPath(path);
  const gantt = paths[1];
  if (gantt === undefined || /\.(?:html|svg)$/i.test(gantt)) return;
  throw new SchedcpError("usage", `--gantt ${gantt}: what form is that?`, {
    hint: "Give a name that ends with .html or .svg.",
  });
}
