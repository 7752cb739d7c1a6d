// expect: reject static static/one-way
// Counts weighty wake-ups in bits that are only ever added; the 21st one closes the shop.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

u64 wakeups;
u64 seen_bits;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(bit_tally_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(bit_tally_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 nr = __sync_fetch_and_add(&wakeups, 1);

	__sync_fetch_and_or(&seen_bits, nr);
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(bit_tally_dispatch, s32 cpu, struct task_struct *prev)
{
	if (seen_bits & (1ULL << 21))
		return;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(bit_tally_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(bit_tally_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(bit_tally_ops,
	       .select_cpu = (void *)bit_tally_select_cpu,
	       .enqueue = (void *)bit_tally_enqueue,
	       .dispatch = (void *)bit_tally_dispatch,
	       .init = (void *)bit_tally_init,
	       .exit = (void *)bit_tally_exit,
	       .timeout_ms = 30000,
	       .name = "bit_tally");
