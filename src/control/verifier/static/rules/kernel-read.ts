// Reading kernel memory that scheduling needs nothing of: credentials, addresses, other processes' state.

import { isAllowedField } from "../allowed-fields.ts";
import { type Answer, type Evidence, type Found, found, type Rule } from "../rule.ts";
import { opWords } from "../words.ts";

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
      const isAddress =
        from !== undefined && from.region === null && from.lo > 4096n && from.lo === from.hi;
      const isUser = /_user/.test(call.name);
      if (!isAddress && !isUser) continue;
      findings.push({
        site: call,
        message: `${opWords(call)} reads memory at ${isUser ? "a process's own" : "a fixed"} address`,
        hint: "Leave it out: a scheduler decides by the state that the kernel gives it.",
      });
    }
    return found(findings);
  },
};
