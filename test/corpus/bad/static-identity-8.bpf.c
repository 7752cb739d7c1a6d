// expect: reject static static/identity
// Writes its own hints, and follows them.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u64);
	__type(value, u32);
} hints SEC(".maps");

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(own_hints_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(own_hints_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 key = p->cgroups->dfl_cgrp->kn->id;
	u32 fresh = scx_bpf_task_cpu(p) ? 1 : 4;
	u32 *hint = bpf_map_lookup_elem(&hints, &key);

	if (!hint)
		bpf_map_update_elem(&hints, &key, &fresh, BPF_ANY);
	scx_bpf_dsq_insert(p, 0, hint && *hint == 1 ? NSEC_PER_MSEC : SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(own_hints_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(own_hints_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(own_hints_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(own_hints_ops,
	       .select_cpu = (void *)own_hints_select_cpu,
	       .enqueue = (void *)own_hints_enqueue,
	       .dispatch = (void *)own_hints_dispatch,
	       .init = (void *)own_hints_init,
	       .exit = (void *)own_hints_exit,
	       .timeout_ms = 30000,
	       .name = "own_hints");
