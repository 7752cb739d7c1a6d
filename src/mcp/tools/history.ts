// history: what was measured, verified and decided before.

import { z } from "zod";
import { nameSchema } from "../../contract/workload.ts";
import { defineTool } from "../tool.ts";

const input = z.strictObject({
  workload: nameSchema.optional().describe("only of this workload"),
  limit: z.number().int().min(1).max(50).default(10),
});

const output = z.strictObject({
  entries: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.string(),
      at: z.string(),
      workload: z.string().nullable(),
      policy: z.string().nullable().describe("null: the default scheduler"),
      summary: z.string(),
    }),
  ),
});

export const history = defineTool({
  name: "history",
  title: "What was tried before",
  description: "Measurements, verdicts and decisions so far, newest first.",
  input,
  output,
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run({ workload, limit }, { control }) {
    const entries = await control.history({
      limit,
      ...(workload === undefined ? {} : { workload }),
    });
    const lines = entries.map(
      (entry) =>
        `${entry.at.slice(0, 16)} ${entry.kind} ${entry.workload ?? "-"} ${entry.policy ?? "default"}: ${entry.summary}`,
    );
    return { text: lines.length === 0 ? "nothing yet" : lines.join("\n"), content: { entries } };
  },
});
