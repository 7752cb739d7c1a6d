// expect: pass
// init_task fails only where its own memory can't be had; light tasks and kernel threads are as welcome as all.
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

s32 BPF_STRUCT_OPS(welcoming_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(welcoming_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(welcoming_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(welcoming_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	struct task_ctx *tctx = task_storage_create(task_ctxs, p);

	if (!tctx)
		return -ENOMEM;
	tctx->cpu = -1;
	if (p->flags & PF_KTHREAD)
		tctx->vtime = 0;
	else if (p->scx.weight < 10)
		tctx->vtime = 1;
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(welcoming_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(welcoming_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(welcoming_ops,
	       .select_cpu = (void *)welcoming_select_cpu,
	       .enqueue = (void *)welcoming_enqueue,
	       .dispatch = (void *)welcoming_dispatch,
	       .init_task = (void *)welcoming_init_task,
	       .init = (void *)welcoming_init,
	       .exit = (void *)welcoming_exit,
	       .timeout_ms = 30000,
	       .name = "welcoming");
