// expect: reject simulate simulate/starvation
// Each wake-up adds to a boost that nothing takes away: after a while such tasks go before all others for
// ever.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_ctx {
	u64 boost;
};
TASK_STORAGE(task_ctxs, struct task_ctx);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(boost_piles_up_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(boost_piles_up_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);
	u64 key = bpf_ktime_get_ns();

	if (tctx) {
		if (enq_flags & SCX_ENQ_WAKEUP)
			tctx->boost += 100 * NSEC_PER_MSEC;
		key -= tctx->boost;
	}
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, key, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(boost_piles_up_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(boost_piles_up_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(boost_piles_up_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(boost_piles_up_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(boost_piles_up_ops,
	       .select_cpu = (void *)boost_piles_up_select_cpu,
	       .enqueue = (void *)boost_piles_up_enqueue,
	       .dispatch = (void *)boost_piles_up_dispatch,
	       .init_task = (void *)boost_piles_up_init_task,
	       .init = (void *)boost_piles_up_init,
	       .exit = (void *)boost_piles_up_exit,
	       .timeout_ms = 30000,
	       .name = "boost_piles_up");
