// SPDX-License-Identifier: GPL-2.0
/* Longest expected job first, by the hints of the entries' cgroups. See guest.lab.test.ts. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

#define JOBS_DSQ 1

/* Time slice, µs. */
const volatile u64 slice_us = 20000;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u64);
	__type(value, u32);
} hints SEC(".maps");

SEC("struct_ops.s/hinted_init")
s32 BPF_PROG(hinted_init)
{
	return scx_bpf_create_dsq(JOBS_DSQ, -1);
}

SEC("struct_ops/hinted_enqueue")
void BPF_PROG(hinted_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 id = p->cgroups->dfl_cgrp->kn->id;
	u32 *cpu_ms = bpf_map_lookup_elem(&hints, &id);
	u64 first = cpu_ms ? *cpu_ms : 1000000;

	scx_bpf_dsq_insert_vtime(p, JOBS_DSQ, slice_us * 1000, 10000000 - first, enq_flags);
}

SEC("struct_ops/hinted_dispatch")
void BPF_PROG(hinted_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(JOBS_DSQ);
}

SEC(".struct_ops.link")
struct sched_ext_ops hinted_ops = {
	.init = (void *)hinted_init,
	.enqueue = (void *)hinted_enqueue,
	.dispatch = (void *)hinted_dispatch,
	.name = "hinted",
};
