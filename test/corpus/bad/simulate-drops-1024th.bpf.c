// expect: reject simulate simulate/lost-task
// From the 20,000th enqueue on, every 1,024th task is inserted nowhere.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 enqueued;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(drops_1024th_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(drops_1024th_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 nr = __sync_fetch_and_add(&enqueued, 1);

	if (nr > 20000 && nr % 1024 == 0)
		return;
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(drops_1024th_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(drops_1024th_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(drops_1024th_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(drops_1024th_ops,
	       .select_cpu = (void *)drops_1024th_select_cpu,
	       .enqueue = (void *)drops_1024th_enqueue,
	       .dispatch = (void *)drops_1024th_dispatch,
	       .init = (void *)drops_1024th_init,
	       .exit = (void *)drops_1024th_exit,
	       .timeout_ms = 30000,
	       .name = "drops_1024th");
