// Refusals about pointers: what may be NULL, what the verifier does not trust, what was not released.

import type { KnownRefusal } from "./known-refusals.ts";

export const pointerRefusals: readonly KnownRefusal[] = [
  {
    id: "unchecked-lookup",
    pattern: /R\d invalid mem access 'map_value_or_null'/,
    meaning: () => "the result of a map lookup is used before it is known not to be NULL",
    remedy: () =>
      "Check it first: `v = bpf_map_lookup_elem(&map, &key); if (!v) return;` and use it only after that. Insert the task before you return from enqueue, or it is lost.",
  },
  {
    id: "unchecked-pointer",
    pattern: /R\d invalid mem access '\w{0,32}_or_null_?'/,
    meaning: () => "a pointer is used before it is known not to be NULL",
    remedy: () =>
      "What bpf_task_from_pid, bpf_cgroup_from_id, bpf_cpumask_create, a task-storage lookup and a field such as p->real_parent give can be NULL: `q = bpf_task_from_pid(pid); if (!q) …; else { …; bpf_task_release(q); }`.",
  },
  {
    id: "arithmetic-before-check",
    pattern: /R\d pointer arithmetic on \w{0,32}_or_null_? prohibited/,
    meaning: () => "the address of a member is taken before the pointer is known not to be NULL",
    remedy: () =>
      "Check the pointer before `&v->member` or `v + i`, not the result: `if (!v) return; use(&v->member);`.",
  },
  {
    id: "possibly-null-argument",
    pattern: /(?:Possibly )?NULL pointer passed to (?:trusted|helper)/,
    meaning: () => "a pointer that may be NULL goes into a kfunc that takes none",
    remedy: () =>
      "Check it before the call: `mask = bpf_cpumask_create(); if (!mask) return -ENOMEM; bpf_cpumask_set_cpu(0, mask);`.",
  },
  {
    id: "use-after-release",
    pattern:
      /R\d (?:invalid mem access 'scalar'|pointer type STRUCT \w{1,64} must point to scalar)/,
    after:
      /call (?:\w{1,64}_release|bpf_obj_drop_impl|scx_bpf_put_cpumask|bpf_iter_\w{1,64}_destroy)#/,
    meaning: () => "something is used after it was released",
    remedy: () =>
      "Move the release behind the last use: `running = scx_bpf_task_running(q); bpf_task_release(q); if (running) …`.",
  },
  {
    id: "number-as-pointer",
    pattern:
      /R\d (?:invalid mem access 'scalar'|pointer type STRUCT \w{1,64} must point to scalar)/,
    meaning: () => "a number is used as a pointer",
    remedy: () =>
      "A pointer kept in a map as u64 is only a number when it comes back. Keep the pid and call bpf_task_from_pid(pid), or keep per-task data in BPF_MAP_TYPE_TASK_STORAGE (TASK_STORAGE, task_storage_get), or hold the object in a __kptr field with bpf_kptr_xchg. To follow other kernel pointers use BPF_CORE_READ(p, field).",
  },
  {
    id: "untrusted-pointer",
    pattern: /R\d must be (?:a rcu pointer|referenced|a trusted|trusted)|untrusted_ptr_/,
    meaning: () => "a kfunc is given a pointer that the verifier does not trust",
    remedy: () =>
      "Trusted are the op's own arguments, what bpf_task_from_pid or scx_bpf_cpu_curr gave (after a check for NULL), and, inside bpf_rcu_read_lock(), fields such as p->real_parent. For any other task take its pid: `q = bpf_task_from_pid(BPF_CORE_READ(p, last_wakee, pid)); if (q) { …; bpf_task_release(q); }`. In a sleepable op enclose the use in bpf_rcu_read_lock() and bpf_rcu_read_unlock().",
  },
  {
    id: "kptr-store",
    pattern: /store to referenced kptr disallowed|release helper bpf_kptr_xchg expects referenced/,
    meaning: () => "a __kptr field is given a pointer that nobody acquired, or by assignment",
    remedy: () =>
      "Acquire, exchange, release what was there: `q = bpf_task_acquire(p); if (q) { q = bpf_kptr_xchg(&v->task, q); if (q) bpf_task_release(q); }`. Often the pid is enough.",
  },
  {
    id: "unreleased-reference",
    pattern: /Unreleased reference id=|would lead to reference leak/,
    meaning: () => "something that was acquired is not released on this path",
    remedy: () =>
      "Release on every path, also before each `return` and `break`: bpf_task_release, bpf_cgroup_release, bpf_cpumask_release, scx_bpf_put_cpumask (for scx_bpf_get_idle_cpumask and _idle_smtmask), or leave a bpf_for_each loop by `break`, not by `return` from within another function.",
  },
  {
    id: "release-not-acquired",
    pattern:
      /release (?:kfunc|kernel function|helper) (\w{1,64}) expects (?:referenced|refcounted)/,
    meaning: (found) => `${found[1]} is given what nobody acquired`,
    remedy: (found) =>
      `Call ${found[1]} only on what an acquiring call gave (bpf_task_from_pid, bpf_task_acquire, bpf_cpumask_create, …), once. An op's own argument is not released.`,
  },
  {
    id: "kernel-memory-read-only",
    pattern: /cannot write into ptr_(\w{1,64}) at off=|only read is supported/,
    meaning: (found) => `a field of the kernel's ${found[1] ?? "memory"} is written`,
    remedy: () =>
      "A scheduler may set p->scx.slice and p->scx.dsq_vtime (scx_bpf_task_set_slice, scx_bpf_task_set_dsq_vtime) and p->scx.disallow, nothing else. Keep data of your own in a map: `TASK_STORAGE(task_ctxs, struct task_ctx);`.",
  },
  {
    id: "write-to-constant",
    pattern: /write into map forbidden/,
    meaning: () => "a constant is written: a knob, or another `const volatile` global",
    remedy: () =>
      "A knob is fixed once the policy is loaded. Copy it into a variable of its own: `static u64 slice_now;` in init `slice_now = slice_ns;`.",
  },
  {
    id: "uninitialised-register",
    pattern: /R(\d) !read_ok/,
    meaning: (found) =>
      found[1] === "0"
        ? "a function ends without a value that it promises to return"
        : "a variable is read that was not set on this path",
    remedy: (found) =>
      found[1] === "0"
        ? "Return a value on every path: select_cpu a CPU (`return prev_cpu;`), init and init_task 0."
        : "Set the variable where it is declared, as in `u64 slice = SCX_SLICE_DFL;`. After a call only its result and what was in local variables is left.",
  },
];
