// What to do about a message of clang: a table of the frequent ones, in words that a language model can
// act on. Pure. Called by compiler-messages.ts.

import { suggest } from "../../contract/suggest.ts";

/** For a message of clang with the notes that belong to it. `functions`: names of kernel functions. */
export function compilerHint(texts: readonly string[], functions: readonly string[]): string {
  const meant = texts
    .map((text) => /did you mean '([^']+)'/.exec(text)?.[1])
    .find((word) => word !== undefined);
  if (meant !== undefined) return `Did you mean \`${meant}\`?`;
  for (const [pattern, hint] of hints) {
    const match = pattern.exec(texts[0] ?? "");
    if (match !== null) return typeof hint === "string" ? hint : hint(match[1] ?? "", functions);
  }
  return "Mend the source at this line and verify again.";
}

type Hint = string | ((word: string, functions: readonly string[]) => string);

const unknownFunction: Hint = (word, functions) => {
  const renamed = renamedFunctions[word];
  if (renamed !== undefined) return renamed;
  const near = suggest(word, [...functions, ...headerNames]);
  if (near !== null) return `Did you mean \`${near}\`?`;
  return "Neither our headers nor this kernel's vmlinux.h has it. There is no C library: use kfuncs (scx_bpf_*, bpf_*) and BPF helpers, or define it in the policy before its first use.";
};

/** Names that are often written, and what to write. */
const renamedFunctions: Partial<Record<string, string>> = {
  printf: "There is no C library: use bpf_printk(), or scx_bpf_error() to abort.",
  malloc: "There is no heap: use BPF maps, task storage or global arrays.",
  memcpy: "Use __builtin_memcpy() with a constant size.",
  memset: "Use __builtin_memset() with a constant size.",
  strcmp: "Use bpf_strncmp(), or compare in a bounded loop; see schedcp/comm.bpf.h for names.",
  strncmp: "Use bpf_strncmp(string, size, constant), or schedcp_comm_listed() for task names.",
  scx_bpf_dsq_consume: "Use scx_bpf_dsq_move_to_local(dsq_id).",
  scx_bpf_switch_all: "Not needed: all tasks are switched unless SCX_OPS_SWITCH_PARTIAL is set.",
  bpf_get_smp_processor: "Use bpf_get_smp_processor_id().",
};

/** Macros and functions of our headers that a policy is likely to misspell. */
const headerNames = [
  "BPF_STRUCT_OPS",
  "BPF_STRUCT_OPS_SLEEPABLE",
  "SCX_OPS_DEFINE",
  "UEI_DEFINE",
  "UEI_RECORD",
  "bpf_for",
  "bpf_repeat",
  "bpf_map_lookup_elem",
  "bpf_map_update_elem",
  "bpf_map_delete_elem",
  "bpf_ktime_get_ns",
  "bpf_get_smp_processor_id",
  "bpf_get_prandom_u32",
  "bpf_task_storage_get",
  "bpf_probe_read_kernel_str",
  "bpf_printk",
  "scx_bpf_error",
  "scx_bpf_exit",
  "scx_bpf_now",
  "scx_bpf_dispatch",
  "scx_bpf_dispatch_vtime",
  "scx_bpf_consume",
  "time_before",
  "time_after",
];

const hints: readonly (readonly [RegExp, Hint])[] = [
  [
    /'(?:vmlinux|scx\/common\.bpf)\.h' file not found/,
    "Begin with `#include <scx/common.bpf.h>`; it includes vmlinux.h.",
  ],
  [
    /'(?:std\w+|string|errno|limits|unistd|math|time|assert|signal)\.h' file not found/,
    "There is no C library in a BPF program: delete this include. `#include <scx/common.bpf.h>` brings all types (u64, bool, …) and helpers.",
  ],
  [
    /'(?:linux|asm|uapi|sys|sched)\/.*' file not found/,
    "Kernel headers are not used: delete this include. All kernel types and constants come with `#include <scx/common.bpf.h>`.",
  ],
  [
    /'([^']*)' file not found/,
    'Only <scx/*.bpf.h>, <schedcp/*.bpf.h>, <bpf/bpf_*.h> and "vmlinux.h" are there. Put everything else into the one source file.',
  ],
  [
    /redefinition of parameter 'ctx'/,
    "BPF_STRUCT_OPS() makes a parameter named ctx itself: name yours otherwise.",
  ],
  [/call to undeclared (?:library )?function '(\w+)'/, unknownFunction],
  [
    /use of undeclared identifier '(SCX_\w+|scx_\w+)'/,
    "This kernel's vmlinux.h has no such name; SCX_* constants are those of the target kernel. Search the seed policies for the one that is meant.",
  ],
  [/use of undeclared identifier '(\w+)'/, unknownFunction],
  [
    /no member named '\w+' in 'struct (\w+)'/,
    (struct) =>
      `The target kernel's struct ${struct} has no such member: look it up in its vmlinux.h. Scheduling state of a task is in p->scx (slice, dsq_vtime, weight) and, per policy, in task storage.`,
  ],
  [
    /field designator '\w+' does not refer to any field in type 'struct sched_ext_ops'/,
    "The target kernel's sched_ext_ops has no such operation; see SCX_OPS_DEFINE in policies/fifo.",
  ],
  [
    /unknown type name 'SCX_OPS_DEFINE'|expected parameter declarator.*SCX_OPS_DEFINE/,
    "Add `#include <scx/common.bpf.h>` at the top.",
  ],
  [
    /unknown type name '(\w+)'/,
    (type, functions) =>
      /^(BPF_|SCX_|UEI_|SEC)/.test(type)
        ? "Add `#include <scx/common.bpf.h>` at the top, and check the spelling of this macro."
        : `${unknownTypeHint(type)}${suggestion(type, functions)}`,
  ],
  [
    /type specifier missing|parameter list without types/,
    "If this is one of our macros (BPF_STRUCT_OPS, SEC, UEI_DEFINE, …), add `#include <scx/common.bpf.h>` at the top and check its spelling; otherwise give a type.",
  ],
  [
    /too (?:many|few) arguments (?:to|provided)|no matching function|macro .* requires/,
    "Compare with the prototype: scx_bpf_dsq_insert(p, dsq_id, slice, enq_flags); scx_bpf_dsq_insert_vtime(p, dsq_id, slice, vtime, enq_flags); scx_bpf_dsq_move_to_local(dsq_id[, enq_flags]); scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle); scx_bpf_create_dsq(dsq_id, node).",
  ],
  [
    /incomplete (?:definition of )?type|has incomplete type/,
    "The target kernel's vmlinux.h does not define this type; only a pointer to it can be used.",
  ],
  [
    /redefinition of '(\w+)'|redefinition as different kind|conflicting types for '(\w+)'/,
    "Our headers or vmlinux.h already declare this name: delete your declaration, or choose another name.",
  ],
  [
    /incompatible function pointer types/,
    "Write operations with a cast, as in `.enqueue = (void *)NAME_enqueue`.",
  ],
  [
    /unsupported signed division/,
    "BPF divides unsigned numbers only: cast the dividend, as in `(u32)cpu % n`.",
  ],
  [
    /Looks like the BPF stack limit/i,
    "A BPF program has 512 bytes of stack: move large variables into a map or a global.",
  ],
  [
    /could not open|Could not find incbin file|#embed/i,
    "A policy can't read files when it is compiled.",
  ],
  [
    /Cannot select|in backend|not supported|unsupported/i,
    "BPF has no floating point, no signed division, no variable-length arrays and no atomic loads or stores by __atomic builtins: use unsigned integers, READ_ONCE/WRITE_ONCE and __sync builtins.",
  ],
  [
    /expected ';'|expected '\)'|expected '\}'|expected expression/,
    "A syntax error: check this line and the one before it.",
  ],
];

function unknownTypeHint(type: string): string {
  return /^u?int\d+_t$/.test(type)
    ? `Use ${type.startsWith("u") ? "u" : "s"}${/\d+/.exec(type)?.[0] ?? "64"}, and \`#include <scx/common.bpf.h>\`.`
    : "Types come from the target kernel's vmlinux.h, through `#include <scx/common.bpf.h>` at the top.";
}

function suggestion(word: string, functions: readonly string[]): string {
  const near = suggest(word, functions);
  return near === null ? "" : ` Did you mean \`${near}\`?`;
}
