// expect: pass
// Bounds of an array are checked, and a running task may be kept: every CPU is served all the same.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

#define CPUS_MAX 1024

static u64 turns[CPUS_MAX];

s32 BPF_STRUCT_OPS(bounded_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(bounded_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(bounded_dispatch, s32 cpu, struct task_struct *prev)
{
	u64 *turn;

	if (cpu < 0 || cpu >= CPUS_MAX)
		return;
	turn = ARRAY_ELEM_PTR(turns, cpu, CPUS_MAX);
	if (turn)
		(*turn)++;
	if (scx_bpf_dsq_nr_queued(0) == 0)
		return;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(bounded_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(bounded_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(bounded_ops,
	       .select_cpu = (void *)bounded_select_cpu,
	       .enqueue = (void *)bounded_enqueue,
	       .dispatch = (void *)bounded_dispatch,
	       .init = (void *)bounded_init,
	       .exit = (void *)bounded_exit,
	       .timeout_ms = 30000,
	       .name = "bounded");
