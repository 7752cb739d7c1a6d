// workload_profile: what a workload is like, learnt from one run under the default scheduler.

import { z } from "zod";
import { workloadInput, workloadOf } from "../inputs.ts";
import { defineTool } from "../tool.ts";

const input = z.strictObject({ workload: workloadInput });

const output = z.strictObject({
  kind: z.string(),
  makespanMs: z.number(),
  utilisation: z.number(),
  oversubscription: z.number(),
  imbalance: z.number(),
  entries: z.array(
    z.strictObject({
      name: z.string(),
      count: z.number(),
      cpuMs: z.number(),
      waitMs: z.number(),
      voluntaryShare: z.number(),
    }),
  ),
  kernel: z.string(),
  cpus: z.number(),
  emulated: z.boolean(),
});

export const workloadProfile = defineTool({
  name: "workload_profile",
  title: "Profile a workload",
  description:
    "Run a workload once in the lab under the kernel's default scheduler and summarise what it is like: kind, CPU time and waiting per entry. Start here.",
  input,
  output,
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  async run({ workload }, { control, options }) {
    const profile = await control.profile(await workloadOf(workload), options);
    const { environment } = profile;
    return {
      text: profile.summary,
      content: {
        kind: profile.kind,
        makespanMs: Math.round(profile.makespanMs),
        utilisation: rounded(profile.utilisation),
        oversubscription: rounded(profile.oversubscription),
        imbalance: rounded(profile.imbalance),
        entries: profile.entries.map((entry) => ({
          name: entry.name,
          count: entry.count,
          cpuMs: Math.round(entry.cpuMs),
          waitMs: Math.round(entry.waitMs),
          voluntaryShare: rounded(entry.voluntaryShare),
        })),
        kernel: environment.kernel,
        cpus: environment.cpus,
        emulated: environment.emulated,
      },
    };
  },
});

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
