// Refusals about bounds: of indices and lengths, of loops, of the stack, of the verifier's own patience.

import type { KnownRefusal } from "./known-refusals.ts";

export const boundRefusals: readonly KnownRefusal[] = [
  {
    id: "unbounded-loop",
    pattern: /infinite loop detected|back-edge from insn/,
    meaning: () => "a loop has no end that the verifier can see",
    remedy: () =>
      "Bound it by a constant: `bpf_for(i, 0, 64) { if (done) break; … }` or bpf_repeat(64). Never wait for another CPU in a loop: it can't answer while you spin.",
  },
  {
    id: "too-complex",
    pattern: /BPF program is too large\. Processed|The sequence of \d{1,9} jumps is too complex/,
    meaning: () => "it has more paths than the verifier walks",
    remedy: () =>
      "A plain `for` is walked round by round. Use bpf_for(i, 0, N), whose body is walked once, keep the loop's state in memory instead of in many local variables, and put large pieces into functions that are `__noinline` and not static. Long work in an op also keeps the CPU from everybody: hundreds of rounds, not millions.",
  },
  {
    id: "stack",
    pattern:
      /combined stack size of \d{1,9} calls is \d{1,9}|the call stack of \d{1,9} frames is too deep/,
    meaning: () => "functions that call each other need more stack than the 512 bytes there are",
    remedy: () =>
      "Move buffers into a map: a BPF_MAP_TYPE_PERCPU_ARRAY with one entry is the usual scratch space (`u32 zero = 0; struct scratch *s = bpf_map_lookup_elem(&scratch, &zero); if (!s) return;`).",
  },
  {
    id: "recursion",
    pattern: /recursive call from (\w{1,64})\(\) to (\w{1,64})\(\)/,
    anchors: (found) => [found[1] ?? ""],
    meaning: (found) => `${found[1]} calls ${found[2]} again: recursion is not possible in BPF`,
    remedy: () =>
      "Write it as a loop with a bound: `bpf_for(i, 0, 16) { if (n < 2) break; n /= 2; }`.",
  },
  {
    id: "map-bounds",
    pattern:
      /invalid access to map value, value_size=|math between map_value pointer and register with unbounded/,
    meaning: () => "an index into a map's value or a global array can be out of range",
    remedy: () =>
      "Check it right before the access, against the array's size and as an unsigned number: `u32 i = cpu; if (i >= MAX_CPUS) return; a[i]++;`. `>` where `>=` is needed is the usual slip. Where the compiler moves the check away, use MEMBER_VPTR(array, [i]) and test the result for NULL.",
  },
  {
    id: "stack-bounds",
    pattern:
      /invalid (?:variable-offset |indirect |unbounded variable-offset )?(?:read|write|access|read from|write to)?(?: from| to)? ?stack (?:R\d|off|of)/,
    meaning: () => "an access to a local variable or array can reach beyond it",
    remedy: () =>
      "Bound the index (`slices[class & 3]`, or `if (class >= 4) class = 3;`) and give helpers the buffer's own size: `bpf_probe_read_kernel_str(name, sizeof(name), p->comm)`.",
  },
  {
    id: "kernel-field-index",
    pattern:
      /is (?:\w{0,32}_)?ptr_(\w{1,64}) invalid variable offset|variable \w{0,32}ptr_ access var_off=/,
    meaning: (found) =>
      `a pointer to the kernel's ${found[1] ?? "data"} is moved by a number that is not constant`,
    remedy: () =>
      "Kernel structures are read by constant offsets only. Copy an array first and index the copy: `char comm[16]; bpf_probe_read_kernel_str(comm, sizeof(comm), p->comm); c = comm[i & 15];`. Other tasks are found by bpf_task_from_pid, not by arithmetic.",
  },
  {
    id: "memory-bounds",
    pattern:
      /R\d unbounded memory access|R\d min value is (?:negative|outside)|R\d max value is outside|invalid access to memory, mem_size=/,
    meaning: () => "a length or an index has no bounds that the verifier knows",
    remedy: () =>
      "Bound it right before the call: `if (length > sizeof(buffer)) length = sizeof(buffer);`, or give the constant size. Keep it unsigned: a check of a signed number lets negative ones through.",
  },
];
