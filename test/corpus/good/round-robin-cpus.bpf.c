// expect: pass
// Spreads tasks over queues of CPUs by a counter that goes round; each CPU steals from the next ones.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define QUEUES 8

static u32 turn;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(carousel_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(carousel_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 queue = __sync_fetch_and_add(&turn, 1) % QUEUES;

	scx_bpf_dsq_insert(p, queue, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(carousel_dispatch, s32 cpu, struct task_struct *prev)
{
	static u32 first;
	u32 from = __sync_fetch_and_add(&first, 1);
	u32 i;

	bpf_for(i, 0, QUEUES) {
		if (scx_bpf_dsq_move_to_local((from + i) % QUEUES))
			return;
	}
}

s32 BPF_STRUCT_OPS_SLEEPABLE(carousel_init)
{
	s32 error;
	u32 i;

	bpf_for(i, 0, QUEUES) {
		error = scx_bpf_create_dsq(i, -1);
		if (error)
			return error;
	}
	return 0;
}

void BPF_STRUCT_OPS(carousel_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(carousel_ops,
	       .select_cpu = (void *)carousel_select_cpu,
	       .enqueue = (void *)carousel_enqueue,
	       .dispatch = (void *)carousel_dispatch,
	       .init = (void *)carousel_init,
	       .exit = (void *)carousel_exit,
	       .timeout_ms = 30000,
	       .name = "carousel");
