// Whether an object has what every loadable sched_ext policy has, told with the line to add while the
// source is still at hand. Not the admission stage: it only looks at names. Called by compile.ts.

import type { Finding } from "../../contract/verdict.ts";
import { sectionNames } from "./elf-sections.ts";

/** Findings where it defines no operations or no licence; `file` is what they name. */
export function missingSections(object: Uint8Array, file: string): Finding[] {
  const names = sectionNames(object) ?? [];
  const finding = (message: string, hint: string): Finding => ({
    rule: "compile/not-a-scheduler",
    severity: "error",
    message,
    hint,
    location: { file, line: 1 },
  });
  const found: Finding[] = [];
  if (!names.includes(".struct_ops.link") && !names.includes(".struct_ops")) {
    found.push(
      finding(
        "it compiles, but defines no sched_ext_ops",
        'End the policy with SCX_OPS_DEFINE(NAME_ops, .enqueue = (void *)NAME_enqueue, …, .name = "NAME");.',
      ),
    );
  }
  if (!names.includes("license")) {
    found.push(
      finding(
        "it has no license section, without which the kernel refuses sched_ext's functions",
        'Add: char _license[] SEC("license") = "GPL";',
      ),
    );
  }
  return found;
}
