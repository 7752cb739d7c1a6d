// expect: reject static static/unrelated
// Spreads slices by where the task's structure lies, as a cheap way of variety.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(by_address_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(by_address_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 lane = ((u64)p >> 13) % 5;

	scx_bpf_dsq_insert(p, 0, (lane + 1) * 4 * NSEC_PER_MSEC, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(by_address_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(by_address_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(by_address_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(by_address_ops,
	       .select_cpu = (void *)by_address_select_cpu,
	       .enqueue = (void *)by_address_enqueue,
	       .dispatch = (void *)by_address_dispatch,
	       .init = (void *)by_address_init,
	       .exit = (void *)by_address_exit,
	       .timeout_ms = 30000,
	       .name = "by_address");
