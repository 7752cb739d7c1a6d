// Reading kernel memory that scheduling needs nothing of: credentials, addresses, other processes' state.

import { isAllowedField } from "../allowed-fields.ts";
import type { KernelTypes } from "../kernel-types.ts";
import { type Answer, type Evidence, type Found, found, type Rule } from "../rule.ts";
import type { Value } from "../value.ts";
import { opWords, originWords } from "../words.ts";

export const kernelRead: Rule = {
  id: "static/kernel-read",
  severity: "error",
  title: "kernel memory is read beyond what scheduling needs",
  rationale:
    "Programs with CAP_PERFMON may read any kernel memory (PROBE_MEM, bpf_probe_read_kernel()); Seen on kernel 7.2: one that copied other processes' arguments into the trace loaded and ran on. The list is in allowed-fields.ts.",
  standsAlone: true,
  check(evidence: Evidence): Answer {
    const findings: Found[] = [];
    for (const read of evidence.facts.reads.values()) {
      const { path } = read.field;
      if (isAllowedField(path)) continue;
      findings.push({
        site: read,
        message: `${opWords(read)} reads ${path}, which a scheduler has no use for`,
        hint: "Leave it out. What may be read: the task's own scheduling state (scx, se, prio, policy, flags, cpus_ptr, comm, pid), its cgroup and CPU queues.",
      });
    }
    for (const call of evidence.calls) {
      if (!/^bpf_(probe_read|copy_from_user)/.test(call.name)) continue;
      const from = call.args[2];
      const isUser = /_user/.test(call.name);
      const where = isUser ? "a process's own address" : addressWords(evidence, from);
      if (where === null) continue;
      findings.push({
        site: call,
        message: `${opWords(call)} reads memory at ${where}`,
        hint: "Leave it out: a scheduler decides by the state that the kernel gives it. A field is read by its name (p->se.sum_exec_runtime, BPF_CORE_READ(p, real_parent, pid)).",
      });
    }
    for (const call of evidence.calls) {
      const [of, type] = call.args;
      if (call.name !== "bpf_rdonly_cast" || of === undefined || type === undefined) continue;
      const where =
        type.hi === 0n
          ? "no type"
          : isStart(of)
            ? null
            : (addressWords(evidence, of) ?? "a computed address");
      if (where === null) continue;
      findings.push({
        site: call,
        message: `${opWords(call)} makes a kernel object of ${where === "no type" ? "memory without a type" : `what lies at ${where}`}: what is read there can be anything`,
        hint: "Cast only a pointer as the kernel gave it: bpf_core_cast(p->cgroups, struct css_set).",
      });
    }
    return found(findings);
  },
};

/** A pointer as it was read, to the beginning of what it points to. */
function isStart({ region, lo, hi }: Value): boolean {
  return region !== null && region.kind !== "stack" && lo === 0n && hi === 0n;
}

/** How an address was made that nothing is known of; null: it is a place in an object whose type is known. */
function addressWords({ types }: Evidence, from: Value | undefined): string | null {
  if (from === undefined) return null;
  const { region, lo, hi, origins } = from;
  switch (region?.kind) {
    case undefined:
      // Where a pointer was NULL.
      if (hi < 4096n) return null;
      return lo === hi ? "a fixed address" : `an address made of ${originWords(origins)}`;
    case "kernel":
      if (
        lo === hi
          ? types.fieldAt(region.type, Number(lo)) !== null
          : isInside(types, region.type, from)
      )
        return null;
      return `a computed place (${originWords(origins)})`;
    case "unknown":
      return lo === 0n && hi === 0n ? null : `a place beyond ${originWords(origins)}`;
    default:
      return null;
  }
}

/** Some element of an array in the object: its first and last places are the same field. */
function isInside(types: KernelTypes, type: number, { lo, hi }: Value): boolean {
  const [first, last] = [lo, hi].map((at) => types.fieldAt(type, Number(at))?.path ?? null);
  return first !== null && first === last;
}
