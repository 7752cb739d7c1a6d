// expect: pass
// A task without state goes to the global DSQ; with many waiting, the slice is shorter.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_ctx {
	u64 vtime;
	u64 since;
	s32 cpu;
};

TASK_STORAGE(task_ctxs, struct task_ctx);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(fallbacks_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(fallbacks_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (!tctx) {
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
		return;
	}
	tctx->since = scx_bpf_now();
	if (scx_bpf_dsq_nr_queued(0) > 4) {
		scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL / 4, enq_flags);
		return;
	}
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(fallbacks_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(fallbacks_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(fallbacks_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(fallbacks_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(fallbacks_ops,
	       .select_cpu = (void *)fallbacks_select_cpu,
	       .enqueue = (void *)fallbacks_enqueue,
	       .dispatch = (void *)fallbacks_dispatch,
	       .init_task = (void *)fallbacks_init_task,
	       .init = (void *)fallbacks_init,
	       .exit = (void *)fallbacks_exit,
	       .timeout_ms = 30000,
	       .name = "fallbacks");
