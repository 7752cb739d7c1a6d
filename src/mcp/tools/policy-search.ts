// policy_search: policies of the library that fit some words; all of them without words.

import { z } from "zod";
import { defineTool } from "../tool.ts";

const input = z.strictObject({
  query: z.string().max(400).default("").describe("words; empty lists all"),
});

const output = z.strictObject({ names: z.array(z.string()) });

/** A summary is cut here: the whole one is what policy_show is for. */
const summaryCharsMax = 90;

export const policySearch = defineTool({
  name: "policy_search",
  title: "Search the policy library",
  description: "Find scheduling policies in the library, best first.",
  input,
  output,
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  async run({ query }, { control }) {
    const policies = await control.searchPolicies(query);
    const lines = policies.map(({ name, summary }) => `${name}: ${brief(summary)}`);
    return {
      text: lines.length === 0 ? "none fits; an empty query lists all" : lines.join("\n"),
      content: { names: policies.map((policy) => policy.name) },
    };
  },
});

/** Whole words. */
function brief(summary: string): string {
  if (summary.length <= summaryCharsMax) return summary;
  return `${summary.slice(0, summaryCharsMax).replace(/\s+\S*$/, "")}…`;
}
