// expect: pass
// Tasks with short runs have a queue of their own that is served seven times in eight.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_ctx {
	u64 started_at;
	u64 avg_run;
};
TASK_STORAGE(task_ctxs, struct task_ctx);
static u64 turns;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(interactive_boost_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(interactive_boost_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	scx_bpf_dsq_insert(p, tctx && tctx->avg_run < 2 * NSEC_PER_MSEC ? 0 : 1, 5 * NSEC_PER_MSEC, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(interactive_boost_dispatch, s32 cpu, struct task_struct *prev)
{
	u64 first = __sync_fetch_and_add(&turns, 1) % 8 == 7;

	if (!scx_bpf_dsq_move_to_local(first))
		scx_bpf_dsq_move_to_local(!first);
}

void BPF_STRUCT_OPS(interactive_boost_running, struct task_struct *p)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		tctx->started_at = bpf_ktime_get_ns();
}

void BPF_STRUCT_OPS(interactive_boost_stopping, struct task_struct *p, bool runnable)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		tctx->avg_run = (3 * tctx->avg_run + bpf_ktime_get_ns() - tctx->started_at) / 4;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(interactive_boost_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(interactive_boost_init)
{
	s32 error = 0;
	u32 i;

	bpf_for(i, 0, 2) {
		error = scx_bpf_create_dsq(i, -1);
		if (error)
			return error;
	}
	return 0;
}

void BPF_STRUCT_OPS(interactive_boost_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(interactive_boost_ops,
	       .select_cpu = (void *)interactive_boost_select_cpu,
	       .enqueue = (void *)interactive_boost_enqueue,
	       .dispatch = (void *)interactive_boost_dispatch,
	       .running = (void *)interactive_boost_running,
	       .stopping = (void *)interactive_boost_stopping,
	       .init_task = (void *)interactive_boost_init_task,
	       .init = (void *)interactive_boost_init,
	       .exit = (void *)interactive_boost_exit,
	       .timeout_ms = 30000,
	       .name = "interactive_boost");
