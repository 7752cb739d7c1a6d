// expect: reject static static/identity
// Whether a task is one of root's shells is noted when it comes, and decides its slice for ever.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_ctx {
	bool boosted;
};

TASK_STORAGE(task_ctxs, struct task_ctx);

s32 BPF_STRUCT_OPS(noted_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(noted_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);
	u64 slice = 4 * NSEC_PER_MSEC;

	if (tctx && tctx->boosted)
		slice = 80 * NSEC_PER_MSEC;
	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
}

void BPF_STRUCT_OPS(noted_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(noted_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	struct task_ctx *tctx = task_storage_create(task_ctxs, p);
	char comm[16];

	if (!tctx)
		return -ENOMEM;
	bpf_probe_read_kernel_str(comm, sizeof(comm), p->comm);
	if (comm[0] == 'b' && comm[1] == 'a' && comm[2] == 's' && comm[3] == 'h')
		tctx->boosted = true;
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(noted_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(noted_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(noted_ops,
	       .select_cpu = (void *)noted_select_cpu,
	       .enqueue = (void *)noted_enqueue,
	       .dispatch = (void *)noted_dispatch,
	       .init_task = (void *)noted_init_task,
	       .init = (void *)noted_init,
	       .exit = (void *)noted_exit,
	       .timeout_ms = 30000,
	       .name = "noted");
