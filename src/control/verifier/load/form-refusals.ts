// Refusals of what an object is made of (licence, types, maps), and of enabling what was loaded: init that
// fails, flags that contradict each other. Their words are libbpf's, or of the kernel's exit record.

import type { KnownRefusal } from "./known-refusals.ts";

const errnoWords: Readonly<Record<string, string>> = {
  "-1": "EPERM: not allowed",
  "-2": "ENOENT: nothing is there",
  "-7": "E2BIG: too large",
  "-12": "ENOMEM: no memory",
  "-17": "EEXIST: such a one exists already",
  "-19": "ENODEV: no such CPU or node",
  "-22": "EINVAL: an argument is wrong, such as a queue's id that is the kernel's own",
  "-28": "ENOSPC: a map is full",
};

export const formRefusals: readonly KnownRefusal[] = [
  {
    id: "init-failed",
    pattern: /ops\.(init|init_task|cgroup_init|sub_attach)\(\) failed \((-\d{1,4})\)/,
    anchors: (found) => [`.${found[1]}`],
    meaning: (found) =>
      `its ${found[1]} reports ${errnoWords[found[2] ?? ""] ?? `error ${found[2]}`} (${found[2]})`,
    remedy: (found) =>
      found[1] === "init"
        ? "Find the call in init whose error it hands on. scx_bpf_create_dsq takes an id of your own (below 2^63, each once) and a node (-1: any)."
        : `${found[1]} runs for every task (or cgroup) of the machine, also in fork: return an error for failed allocations only, and give maps room for all of them.`,
  },
  {
    id: "contradicting-ops",
    pattern: /^(SCX_OPS_\w{1,64}) requires (.{1,120})/m,
    anchors: (found) => [found[1] ?? ""],
    meaning: (found) =>
      `the flag ${found[1]} does not go with the other ops: it requires ${found[2]}`,
    remedy: (found) =>
      found[1] === "SCX_OPS_BUILTIN_IDLE_PER_NODE"
        ? "Leave update_idle out, or add SCX_OPS_KEEP_BUILTIN_IDLE to the flags; or leave SCX_OPS_BUILTIN_IDLE_PER_NODE out."
        : `Leave ${found[1]} out of .flags, or define what it requires.`,
  },
  {
    id: "licence",
    pattern: /must have a GPL compatible license|from non-GPL compatible program/,
    anchors: () => ["_license", "LICENSE", "license"],
    meaning: () => "its licence is not compatible with the GPL",
    remedy: () =>
      'Say `char _license[] SEC("license") = "GPL";`: kfuncs are for such programs only.',
  },
  {
    id: "missing-field",
    pattern:
      /failed to resolve CO-RE relocation <(\w{1,32})> \[\d{1,9}\] (?:struct|union|enum|enum64) ([\w.]{1,160})/,
    anchors: (found) => [(found[2] ?? "").split(".").at(-1) ?? ""],
    meaning: (found) => `this kernel has no ${(found[2] ?? "").replace(/___\w{1,64}/, "")}`,
    remedy: () =>
      "Use the names of the kernel's own vmlinux.h (since 5.14 it is p->__state). For a field that only some kernels have: `if (bpf_core_field_exists(p->field)) …`.",
  },
  {
    id: "map-refused",
    pattern: /map '([\w.]{1,64})': failed to create: ?([^\n]{0,80})/,
    anchors: (found) => [found[1] ?? ""],
    meaning: (found) => `the map ${found[1]} can't be made: ${found[2]}`,
    remedy: () =>
      "Give every map a type, key and value types, and max_entries between 1 and what is needed (tens of thousands of tasks, not millions). Task storage has max_entries 0, `int` keys and BPF_F_NO_PREALLOC: use TASK_STORAGE(name, struct …).",
  },
  {
    id: "btf-refused",
    pattern: /BTF loading error|Error loading \.BTF into kernel/,
    meaning: () => "the kernel refuses the types of the object (its BTF)",
    remedy: () =>
      "The usual cause is a number in a map's declaration or an array's size that is far too large (max_entries below 2^30). Otherwise compile again with `clang -g -O2 -target bpf`.",
  },
  {
    id: "too-many-arguments",
    pattern: /doesn't have \d{1,3}-th argument|invalid bpf_context access off=/,
    meaning: () => "it reads an argument that its op does not have",
    remedy: () =>
      "Declare the op with exactly the arguments of its member in struct sched_ext_ops, by BPF_STRUCT_OPS(name, …), and read them by their names, not through ctx.",
  },
];
