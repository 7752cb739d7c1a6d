// policy_show: one policy of the library: what it is for, its knobs; its source where asked for.

import { z } from "zod";
import { nameSchema } from "../../contract/workload.ts";
import { defineTool } from "../tool.ts";

const input = z.strictObject({
  name: nameSchema,
  source: z.boolean().default(false).describe("also its C source (long)"),
});

const output = z.strictObject({
  name: z.string(),
  description: z.string(),
  typicalUse: z.string(),
  notFor: z.string(),
  hints: z.boolean().describe("takes hint.ENTRY parameters"),
  knobs: z.array(
    z.strictObject({
      name: z.string(),
      default: z.union([z.number(), z.boolean(), z.string()]),
      min: z.number().optional(),
      max: z.number().optional(),
      unit: z.string().optional(),
      description: z.string(),
    }),
  ),
  source: z.string().optional(),
});

export const policyShow = defineTool({
  name: "policy_show",
  title: "Show a policy",
  description: "What a policy does, what it is for and not for, its knobs with their ranges.",
  input,
  output,
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  async run({ name, source }, { control }) {
    const shown = await control.showPolicy(name);
    const { metadata } = shown;
    const knobs = metadata.knobs.map(({ type: _type, ...knob }) => knob);
    const names = knobs.map((knob) => `${knob.name}=${String(knob.default)}`);
    return {
      text: [
        `${metadata.name}: ${metadata.summary}`,
        `knobs: ${names.length === 0 ? "none" : names.join(", ")}${metadata.hints ? "; takes hints" : ""}`,
        ...(source ? [shown.source] : []),
      ].join("\n"),
      content: {
        name: metadata.name,
        description: metadata.description,
        typicalUse: metadata.typicalUse,
        notFor: metadata.notFor,
        hints: metadata.hints,
        knobs,
        ...(source ? { source: shown.source } : {}),
      },
    };
  },
});
