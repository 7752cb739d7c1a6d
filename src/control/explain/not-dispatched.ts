// What to do about a scheduler that took tasks and did not give them back.

export const notDispatched = [
  "Let every path of enqueue() end in scx_bpf_dsq_insert() or scx_bpf_dsq_insert_vtime(): also where a lookup fails, for kernel threads, and for tasks that may use one CPU only.",
  "Where the policy keeps tasks in queues of its own, insert them from dispatch() in bounded time, and wake a CPU when one is added: scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE).",
];
