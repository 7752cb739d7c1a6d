// SPDX-License-Identifier: GPL-2.0
/*
 * A correct first-come first-served policy for test/native/guest.sh. Its init refuses to start
 * unless the loader set what the knobs say they should be, so that attaching proves it.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

const volatile u64 slice_ns = 5000000;
const volatile s32 offset_ms = 0;
const volatile u8 small = 0;
const volatile bool strict = false;
const volatile char wanted[16] = "";
/* init fails unless hints holds this value for cgroup 42; 0: not looked at. */
const volatile u32 hint_ms = 0;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u64);
	__type(value, u32);
} hints SEC(".maps");

void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym __weak;

SEC("struct_ops/fifo_enqueue")
void BPF_PROG(fifo_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, slice_ns, enq_flags);
}

SEC("struct_ops.s/fifo_init")
s32 BPF_PROG(fifo_init)
{
	u64 cgroup = 42;
	u32 *hint;

	if (strict && (offset_ms != -7 || small != 255 || wanted[0] != 'g' || wanted[4] != 0))
		return -22;
	if (hint_ms == 0)
		return 0;
	hint = bpf_map_lookup_elem(&hints, &cgroup);
	return hint && *hint == hint_ms ? 0 : -2;
}

/* The author asks for what the node must not grant. */
SEC(".struct_ops.link")
struct sched_ext_ops fifo_ops = {
	.enqueue = (void *)fifo_enqueue,
	.init = (void *)fifo_init,
	.timeout_ms = 30000,
	.exit_dump_len = 600000000,
	.flags = SCX_OPS_KEEP_BUILTIN_IDLE | 1ULL << 40,
	.hotplug_seq = 12345,
	.name = "named_by_its_author",
};
