// expect: pass
// A boost that is set when many wait and taken back when few do; peaks and counts are only told.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static bool boost;
u64 peak, boosts, enqueued;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(boosted_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(boosted_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 queued = scx_bpf_dsq_nr_queued(0);

	enqueued++;
	if (queued > peak)
		peak = queued;
	if (!boost && queued > 32) {
		boost = true;
		boosts++;
	} else if (boost && queued < 8) {
		boost = false;
	}
	scx_bpf_dsq_insert(p, 0, boost ? 4 * NSEC_PER_MSEC : SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(boosted_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(boosted_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(boosted_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(boosted_ops,
	       .select_cpu = (void *)boosted_select_cpu,
	       .enqueue = (void *)boosted_enqueue,
	       .dispatch = (void *)boosted_dispatch,
	       .init = (void *)boosted_init,
	       .exit = (void *)boosted_exit,
	       .timeout_ms = 30000,
	       .name = "boosted");
