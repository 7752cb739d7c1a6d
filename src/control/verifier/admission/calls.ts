// Every call of every function in the object, held against the list of those that a policy may make.
// Called by admit.ts.

import type { Finding } from "../../../contract/verdict.ts";
import { decode } from "../../../simulator/machine/instruction.ts";
import type { BpfFunction, BpfObject } from "../../../simulator/object/bpf-object.ts";
import { btfKinds } from "../../../simulator/object/btf.ts";
import { allowedHelpers, isAllowedKfunc } from "./allowed-calls.ts";
import { findingAt } from "./finding.ts";
import { refusalOf } from "./refusal-reasons.ts";

/** One finding for each call that is refused, at the first place where it is made. */
export function callFindings(object: BpfObject): Finding[] {
  const helpers = helperNames(object);
  const findings = new Map<string, Finding>();
  for (const bpfFunction of object.functions) {
    for (const { name, at, refused } of refusedCalls(object, bpfFunction, helpers)) {
      if (findings.has(name)) continue;
      const { reason, hint } = refused;
      const message = `${bpfFunction.name} calls ${name}, which ${reason}`;
      findings.set(name, findingAt({ rule: "admission/call", message, hint }, bpfFunction, at));
    }
  }
  return [...findings.values()];
}

function* refusedCalls(
  object: BpfObject,
  bpfFunction: BpfFunction,
  helpers: ReadonlyMap<number, string>,
) {
  for (const [at, reference] of bpfFunction.references) {
    if (reference.kind !== "ksym") continue;
    const ksym = object.ksyms[reference.ksym];
    if (ksym?.kind !== "function" || isAllowedKfunc(ksym.name)) continue;
    yield { name: ksym.name, at, refused: refusalOf(ksym.name) };
  }
  for (const [at, instruction] of decode(bpfFunction).entries()) {
    if (instruction.kind !== "helper") continue;
    const name = helpers.get(instruction.id);
    if (name !== undefined && allowedHelpers.has(name)) continue;
    const shown = name === undefined ? `helper ${instruction.id}` : `bpf_${name}`;
    yield { name: shown, at, refused: refusalOf(name ?? shown) };
  }
}

/** The kernel's own names (enum bpf_func_id: BPF_FUNC_map_lookup_elem = 1, …). */
function helperNames({ kernelBtf }: BpfObject): Map<number, string> {
  const names = new Map<number, string>();
  const id = kernelBtf.find("bpf_func_id", btfKinds.enum, btfKinds.enum64);
  const length = id === 0 ? 0 : kernelBtf.length(id);
  for (let index = 0; index < length; index++) {
    const { name, value } = kernelBtf.enumerator(id, index);
    names.set(Number(value), name.replace(/^BPF_FUNC_/, ""));
  }
  return names;
}
