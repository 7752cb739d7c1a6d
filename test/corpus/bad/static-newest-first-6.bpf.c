// expect: reject static static/newest-first
// The key, kept with the task, is the time with its sign turned.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_ctx {
	u64 key;
};

TASK_STORAGE(task_ctxs, struct task_ctx);

s32 BPF_STRUCT_OPS(turned_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(turned_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (!tctx) {
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
		return;
	}
	tctx->key = -(s64)scx_bpf_now();
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, tctx->key, enq_flags);
}

void BPF_STRUCT_OPS(turned_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(turned_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(turned_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(turned_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(turned_ops,
	       .select_cpu = (void *)turned_select_cpu,
	       .enqueue = (void *)turned_enqueue,
	       .dispatch = (void *)turned_dispatch,
	       .init_task = (void *)turned_init_task,
	       .init = (void *)turned_init,
	       .exit = (void *)turned_exit,
	       .timeout_ms = 30000,
	       .name = "turned");
