// Inputs that several tools share, and what they become. An agent is not trusted: it gives names and
// texts, never a path, and all of it is checked by the same parsers as a user's files.

import { z } from "zod";
import { SchedcpError } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import { parametersSchema } from "../contract/policy.ts";
import { nameSchema, type Workload } from "../contract/workload.ts";
import { parseWorkloadFile } from "../control/analysis/workload-file.ts";
import type { PolicyInput } from "../control/control-plane.ts";
import { isWorkloadName, readyWorkload } from "../control/ready-workloads.ts";

export const workloadInput = z
  .string()
  .min(1)
  .max(limits.workloadBytesMax)
  .describe("YAML text of a workload, or the name of a ready one");

export const policyInput = z
  .string()
  .min(1)
  .max(limits.policySourceBytesMax)
  .describe("name in the library, or C source");

export const policyNameInput = nameSchema.describe("names C source in the history").optional();

export const parametersInput = parametersSchema
  .describe("knob → value, hint.ENTRY → expected CPU ms")
  .default({});

export async function workloadOf(text: string): Promise<Workload> {
  if (isWorkloadName(text)) return readyWorkload(text);
  return parseWorkloadFile(text, "workload").workload;
}

/** A name is one of the library's; anything else is source and gets the given name. */
export function policyOf(text: string, name: string | undefined): PolicyInput {
  if (!nameSchema.safeParse(text).success) {
    if (/[\n;{]/.test(text)) return { kind: "source", name: name ?? "candidate", source: text };
    throw new SchedcpError("policy-invalid", "the policy is neither a name nor C source", {
      hint: "Give a name that policy_search lists, or the whole C source; paths are not read.",
    });
  }
  if (name === undefined || name === text) return { kind: "library", name: text };
  throw new SchedcpError("policy-invalid", "a policy of the library has its own name", {
    hint: "Leave `name` out, or give C source as the policy.",
  });
}
