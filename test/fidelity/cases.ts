// Which micro-policy runs on which scenario, and the seed policies beside them. A micro-policy is about
// one rule of the sched_ext core; its source says which.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Parameters } from "../../src/contract/policy.ts";
import { openPolicyLibrary } from "../../src/control/repository/policy-library.ts";
import type { ScenarioName } from "./scenarios.ts";

export interface FidelityCase {
  name: string;
  source: string;
  seed: boolean;
  scenario: ScenarioName;
  parameters: Parameters;
  timeoutMs: number;
  partial: boolean;
}

/** Those that do not run on `mixed`. */
const scenarioOf: Readonly<Record<string, ScenarioName>> = {
  "enq-last": "calm",
  "keep-last": "calm",
  "weight-slice": "changes",
  changes: "changes",
  "own-idle": "idle",
  "keep-builtin-idle": "idle",
  "no-builtin-idle": "idle",
  cgroups: "idle",
  "enq-exiting": "idle",
  "yield-op": "yielders",
  "yield-default": "yielders",
  partial: "ext",
  "not-allowed-cpu": "pinned",
};
/** Seeds that rank jobs by name are told which are the long and the short ones. */
const knobs: Readonly<Record<string, Parameters>> = {
  "longest-first": { long_names: "f-hog" },
  "shortest-first": { short_names: "f-nap" },
};
/** A watchdog that strikes soon where it is to strike, and else never. */
const stalls = new Set(["stops-dispatching", "forgets-a-name"]);

export async function fidelityCases(): Promise<FidelityCase[]> {
  const directory = fileURLToPath(new URL("policies", import.meta.url));
  const micro = readdirSync(directory)
    .sort()
    .map((file): FidelityCase => {
      const name = file.replace(".bpf.c", "");
      return {
        name,
        source: readFileSync(`${directory}/${file}`, "utf8"),
        seed: false,
        scenario: scenarioOf[name] ?? "mixed",
        parameters: {},
        timeoutMs: stalls.has(name) ? 1000 : 30_000,
        partial: name === "partial",
      };
    });
  const library = await openPolicyLibrary();
  const seeds = library.names().map((name): FidelityCase => {
    const { metadata, source } = library.show(name);
    return {
      name,
      source,
      seed: true,
      scenario: "mixed",
      parameters: library.resolveParameters(metadata, knobs[name] ?? {}),
      timeoutMs: 30_000,
      partial: false,
    };
  });
  return [...micro, ...seeds];
}
