// expect: reject static static/callback-cost
// Under load it sets itself a task of eight million rounds.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u32 rounds;
static u64 done;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(homework_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(homework_enqueue, struct task_struct *p, u64 enq_flags)
{
	rounds = scx_bpf_dsq_nr_queued(0) > 4000 ? 8000000 : 8;
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(homework_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 i;

	bpf_for(i, 0, rounds)
		done += i;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(homework_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(homework_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(homework_ops,
	       .select_cpu = (void *)homework_select_cpu,
	       .enqueue = (void *)homework_enqueue,
	       .dispatch = (void *)homework_dispatch,
	       .init = (void *)homework_init,
	       .exit = (void *)homework_exit,
	       .timeout_ms = 30000,
	       .name = "homework");
