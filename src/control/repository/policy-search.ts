// Plain search over policies' metadata: words, no meaning. Pure. Called by policy-library.ts.

import type { PolicyMetadata } from "../../contract/policy.ts";
import type { PolicySummary } from "../control-plane.ts";

/** What a word is worth by where it is found: whole, or as a part of a longer word. */
const weights = { name: [10, 6], tags: [6, 3], summary: [4, 2], description: [2, 1] } as const;

const wordsMax = 16;
const wordCharsMin = 2;
/** Words that say nothing of a scheduler. */
const ignored = new Set(
  "a an and are for from in is it need needs of on or policy scheduler that the this to want wants with".split(
    " ",
  ),
);

/** Those that share a word with the query, best first; all of them, by name, for an empty query. */
export function rankPolicies(query: string, policies: readonly PolicyMetadata[]): PolicySummary[] {
  const wanted = [...new Set(words(query))].filter((word) => !ignored.has(word)).slice(0, wordsMax);
  const scored = policies.map((policy) => ({ policy, score: score(policy, wanted) }));
  return scored
    .filter((entry) => entry.score > 0 || query.trim() === "")
    .sort((a, b) => b.score - a.score || (a.policy.name < b.policy.name ? -1 : 1))
    .map(({ policy: { name, summary, tags } }) => ({ name, summary, tags }));
}

function score(policy: PolicyMetadata, wanted: readonly string[]): number {
  const fields = {
    name: words(policy.name),
    tags: words(policy.tags.join(" ")),
    summary: words(policy.summary),
    description: words(`${policy.description} ${policy.typicalUse}`),
  };
  let total = 0;
  for (const field of ["name", "tags", "summary", "description"] as const) {
    const [whole, part] = weights[field];
    for (const word of wanted) {
      if (fields[field].includes(word)) total += whole;
      else if (word.length > 2 && fields[field].some((have) => have.includes(word))) total += part;
    }
  }
  return total;
}

function words(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter(
    (word) => word.length >= wordCharsMin,
  );
}
