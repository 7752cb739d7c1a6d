// SPDX-License-Identifier: GPL-2.0
/* Loses every task whose name starts with "gz": the kernel's watchdog ejects it. See guest.lab.test.ts. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

/* How many times it lost one; read after its ejection. */
__u64 forgotten;

/* The kernel's own choice would put the task on an idle CPU, past enqueue. */
SEC("struct_ops/forgets_gzip_select_cpu")
s32 BPF_PROG(forgets_gzip_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

SEC("struct_ops/forgets_gzip_enqueue")
void BPF_PROG(forgets_gzip_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->comm[0] == 'g' && p->comm[1] == 'z') {
		__sync_fetch_and_add(&forgotten, 1);
		return;
	}
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, 20000000, enq_flags);
}

SEC(".struct_ops.link")
struct sched_ext_ops forgets_gzip_ops = {
	.select_cpu = (void *)forgets_gzip_select_cpu,
	.enqueue = (void *)forgets_gzip_enqueue,
	.name = "forgets_gzip",
};
