// Stages 3 and 4 on an object's bytes: admission and static analysis. Reads what anybody may have written,
// so it runs in the confined judge (confinement/judge-main.ts) and nowhere else.

import type { ParameterValue } from "../../contract/policy.ts";
import type { Finding } from "../../contract/verdict.ts";
import { ObjectError } from "../../simulator/errors.ts";
import type { BpfObject } from "../../simulator/object/bpf-object.ts";
import type { Btf } from "../../simulator/object/btf.ts";
import { readBpfObject } from "../../simulator/object/read-object.ts";
import { admit } from "./admission/admit.ts";
import { finding } from "./admission/finding.ts";
import { analyse } from "./static/analyse.ts";

export interface ExaminationTask {
  objectBytes: Uint8Array;
  /** Values of `const volatile` globals: branches that they decide are followed no further. */
  knobs: Record<string, ParameterValue>;
}

/** What a stage says, and how long it took. */
export interface Judgement {
  status: "pass" | "reject" | "inconclusive";
  findings: Finding[];
  durationMs: number;
}

export interface Examination {
  admission: Judgement;
  /** Null after a rejection. */
  static: Judgement | null;
}

export function examine(task: ExaminationTask, kernelBtf: Btf): Examination {
  const startedMs = performance.now();
  const { object, findings } = admitted(task, kernelBtf);
  const status = findings.length > 0 ? "reject" : "pass";
  const admission: Judgement = { status, findings, durationMs: performance.now() - startedMs };
  const goesOn = object !== null && status === "pass";
  return { admission, static: goesOn ? analysed(object, task.knobs) : null };
}

function admitted(
  { objectBytes }: ExaminationTask,
  kernelBtf: Btf,
): { object: BpfObject | null; findings: Finding[] } {
  try {
    const object = readBpfObject(objectBytes, kernelBtf);
    return { object, findings: admit(object) };
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    const hint = "Compile it against the target kernel's types, or give the source instead.";
    const refused = { rule: "admission/object", message: error.message, hint };
    return { object: null, findings: [finding(refused)] };
  }
}

function analysed(object: BpfObject, knobs: ExaminationTask["knobs"]): Judgement {
  const startedMs = performance.now();
  // Who has such a map tells tasks apart by what the owner of the workload says of them.
  const hints = object.maps.some(({ name }) => name === "hints");
  const { status, findings } = analyse({ object, parameters: knobs, declared: { hints } });
  return { status, findings: [...findings], durationMs: performance.now() - startedMs };
}
