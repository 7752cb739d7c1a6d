// expect: reject static static/one-way
// Each start of a task by chance locks the queue; a lock without a key.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

u64 locked SEC(".data.lock") = 0;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(chance_lock_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(chance_lock_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

static __noinline int serve(s32 cpu)
{
	if (READ_ONCE(locked))
		return 0;
	return scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(chance_lock_dispatch, s32 cpu, struct task_struct *prev)
{
	serve(cpu);
}

void BPF_STRUCT_OPS(chance_lock_stopping, struct task_struct *p, bool runnable)
{
	if (bpf_get_prandom_u32() < 64)
		__sync_lock_test_and_set(&locked, 1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(chance_lock_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(chance_lock_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(chance_lock_ops,
	       .select_cpu = (void *)chance_lock_select_cpu,
	       .enqueue = (void *)chance_lock_enqueue,
	       .dispatch = (void *)chance_lock_dispatch,
	       .stopping = (void *)chance_lock_stopping,
	       .init = (void *)chance_lock_init,
	       .exit = (void *)chance_lock_exit,
	       .timeout_ms = 30000,
	       .name = "chance_lock");
