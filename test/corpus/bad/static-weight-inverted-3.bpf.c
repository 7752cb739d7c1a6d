// expect: reject static static/weight-inverted
// Deadlines come later the heavier the task; kept in task storage.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_ctx {
	u64 vtime;
	u64 last;
};

TASK_STORAGE(task_ctxs, struct task_ctx);

s32 BPF_STRUCT_OPS(late_for_heavy_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(late_for_heavy_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);
	u64 now = scx_bpf_now();

	if (!tctx) {
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
		return;
	}
	tctx->vtime = now + 1000 * NSEC_PER_USEC * p->scx.weight;
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, tctx->vtime, enq_flags);
}

void BPF_STRUCT_OPS(late_for_heavy_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(late_for_heavy_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(late_for_heavy_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(late_for_heavy_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(late_for_heavy_ops,
	       .select_cpu = (void *)late_for_heavy_select_cpu,
	       .enqueue = (void *)late_for_heavy_enqueue,
	       .dispatch = (void *)late_for_heavy_dispatch,
	       .init_task = (void *)late_for_heavy_init_task,
	       .init = (void *)late_for_heavy_init,
	       .exit = (void *)late_for_heavy_exit,
	       .timeout_ms = 30000,
	       .name = "late_for_heavy");
