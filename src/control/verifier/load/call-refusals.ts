// Refusals about calls: kfuncs and helpers that are not allowed here, locks, arguments of another type.

import { allowedCallers } from "./allowed-callers.ts";
import type { KnownRefusal } from "./known-refusals.ts";

export const callRefusals: readonly KnownRefusal[] = [
  {
    id: "kfunc-not-allowed-here",
    pattern: /calling kernel function (\w{1,96}) is not allowed/,
    anchors: (found) => [plainName(found[1])],
    meaning: (found) => `${plainName(found[1])} may not be called from this op`,
    remedy: (found) => allowedCallers(plainName(found[1])),
  },
  {
    id: "sleeping-call",
    pattern:
      /must be sleepable to call sleepable kfunc (\w{1,96})|sleepable helper (\w{1,64})#\d+ in non-sleepable/,
    meaning: (found) => `${plainName(found[1] ?? found[2])} can sleep, and this op may not`,
    remedy: () =>
      "Declare init, exit, init_task, exit_task and the cgroup ops with BPF_STRUCT_OPS_SLEEPABLE and make such calls there: `s32 BPF_STRUCT_OPS_SLEEPABLE(my_init) { return scx_bpf_create_dsq(SHARED_DSQ, -1); }`. The ops that schedule (select_cpu, enqueue, dispatch, running, stopping, tick, …) never sleep.",
  },
  {
    id: "sleepable-op",
    pattern: /attach to unsupported member (\w{1,64}) of struct sched_ext_ops/,
    meaning: (found) => `${found[1]} runs where nothing may sleep, but is declared sleepable`,
    remedy: (found) =>
      `Declare ${found[1]} with BPF_STRUCT_OPS(…). Only init, exit, init_task and the cgroup ops take BPF_STRUCT_OPS_SLEEPABLE.`,
  },
  {
    id: "helper-not-allowed",
    pattern: /program of this type cannot use helper (\w{1,64})#|unknown func (\w{1,64})#/,
    meaning: (found) => `${found[1] ?? found[2]} is no helper for schedulers`,
    remedy: () =>
      "It belongs to tracing or network programs. A scheduler reads its op's arguments, maps, and scx_bpf_* kfuncs; take it out.",
  },
  {
    id: "unknown-kfunc",
    pattern:
      /extern \((?:func|var) ksym\) '(\w{1,96})': not found|kfunc '(\w{1,96})' is referenced but wasn't resolved|invalid kernel function call not eliminated/,
    anchors: (found) => [found[1] ?? found[2] ?? ""],
    meaning: (found) => `this kernel has no kfunc ${found[1] ?? found[2] ?? "of that name"}`,
    remedy: (found) => {
      const name = found[1] ?? found[2];
      return name === undefined
        ? "Leave the call out, or write it under bpf_ksym_exists(name)."
        : `Leave the call out, or find its present name in the kernel's vmlinux.h. For a kfunc that only some kernels have: \`extern … ${name}(…) __ksym __weak;\` and \`if (bpf_ksym_exists(${name})) ${name}(…);\`.`;
    },
  },
  {
    id: "call-under-lock",
    pattern: /function calls are not allowed while holding a lock/,
    meaning: () => "a function is called, or a second lock taken, while a bpf_spin_lock is held",
    remedy: () =>
      "Only plain reads and writes go between bpf_spin_lock and bpf_spin_unlock: copy what you need, unlock, then call. `bpf_spin_lock(&s->lock); vtime = s->vtime_now; bpf_spin_unlock(&s->lock); scx_bpf_dsq_insert_vtime(p, …, vtime, …);`. Two locks at once are not possible.",
  },
  {
    id: "lock-not-released",
    pattern: /inside (?:\w{0,32}_)?spin_lock-ed region|bpf_spin_unlock is missing/,
    meaning: () => "it can return while it holds a bpf_spin_lock",
    remedy: () => "Unlock before every `return`, or test after the lock is released.",
  },
  {
    id: "rcu-not-unlocked",
    pattern: /inside bpf_rcu_read_lock-ed region|bpf_rcu_read_unlock is missing/,
    meaning: () => "it can return inside a section that bpf_rcu_read_lock began",
    remedy: () =>
      "Call bpf_rcu_read_unlock() before every `return`. Ops that are not sleepable need no section: leave both calls out there.",
  },
  {
    id: "kfunc-argument-type",
    pattern:
      /kernel function (\w{1,96}) (?:args#\d{1,2}|R\d) expected pointer to STRUCT (\w{1,64}) but R\d has a pointer to STRUCT (\w{1,64})/,
    meaning: (found) =>
      `${plainName(found[1])} wants a struct ${found[2]} and is given a struct ${found[3]}`,
    remedy: (found) =>
      found[2] === "cpumask"
        ? "Give a cpumask: p->cpus_ptr, what scx_bpf_get_idle_cpumask() gave, or cast_mask(mask) of a bpf_cpumask."
        : `Give the address of a struct ${found[2]}; a cast does not make one.`,
  },
  {
    id: "helper-argument-type",
    pattern: /R\d type=(\w{1,32}) expected=(\w{1,32})/,
    meaning: (found) =>
      `a helper is given ${kindOf(found[1])} where it takes another kind of pointer`,
    remedy: (found) =>
      found[2] === "map_value"
        ? "Timers, locks and kptrs live in a map's value: declare a map whose value has the field, look it up, check for NULL, pass `&v->timer`."
        : "Give a map helper the address of a key: `u32 key = p->pid; v = bpf_map_lookup_elem(&map, &key);`, not the key itself.",
  },
  {
    id: "iterator",
    pattern: /expected an (?:un)?initialized iter_(\w{1,64})/,
    meaning: (found) =>
      `an iterator (bpf_iter_${found[1]}) is used before it was started, or started twice`,
    remedy: () =>
      "Let the macros do it: `bpf_for(i, 0, N) { … }`, `bpf_for_each(scx_dsq, p, dsq_id, 0) { … }`, `bpf_for_each(css, pos, root, flags) { … }`.",
  },
  {
    id: "callback-return",
    pattern: /At callback return the register R0/,
    meaning: () =>
      "a callback of bpf_loop or bpf_for_each_map_elem returns something other than 0 or 1",
    remedy: () => "Return 0 to go on, 1 to stop.",
  },
  {
    id: "global-function-argument",
    pattern: /Caller passes invalid args into func#\d+ \('(\w{1,64})'\)/,
    meaning: (found) =>
      `${found[1]} is verified alone, as every function that is not static, and can't take this argument`,
    remedy: (found) =>
      `Make it static: \`static __noinline u64 ${found[1]}(struct task_struct *p)\`; or mark the argument: \`struct task_struct *p __arg_trusted\`.`,
  },
];

/** libbpf looks a kfunc up without what follows `___`: authors write it without. */
function plainName(name: string | undefined): string {
  return (name ?? "it").replace(/(?<=.)___.{0,32}$/, "");
}

function kindOf(type: string | undefined): string {
  if (type === "scalar") return "a number";
  return type === "fp" ? "a local variable's address" : `a pointer of kind ${type ?? "unknown"}`;
}
