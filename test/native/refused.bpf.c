// SPDX-License-Identifier: GPL-2.0
/* Uses a map value without looking whether it is there: the kernel verifier refuses it. See guest.sh. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, u32);
	__type(value, u64);
} slices SEC(".maps");

void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym __weak;

SEC("struct_ops/refused_enqueue")
void BPF_PROG(refused_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 pid = p->pid;
	u64 *slice = bpf_map_lookup_elem(&slices, &pid);

	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, *slice, enq_flags);
}

SEC(".struct_ops.link")
struct sched_ext_ops refused_ops = {
	.enqueue = (void *)refused_enqueue,
	.name = "refused",
};
