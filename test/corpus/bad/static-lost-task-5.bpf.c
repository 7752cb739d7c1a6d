// expect: reject static static/lost-task
// State is kept in a hash map; a task that is not in it is not queued.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_ctx {
	u64 slice_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, s32);
	__type(value, struct task_ctx);
} task_ctxs SEC(".maps");

s32 BPF_STRUCT_OPS(hashed_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(hashed_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;
	struct task_ctx *tctx = bpf_map_lookup_elem(&task_ctxs, &pid);

	if (!tctx)
		return;
	scx_bpf_dsq_insert(p, 0, tctx->slice_ns, enq_flags);
}

void BPF_STRUCT_OPS(hashed_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(hashed_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	struct task_ctx tctx = { .slice_ns = 10 * NSEC_PER_MSEC };
	s32 pid = p->pid;

	bpf_map_update_elem(&task_ctxs, &pid, &tctx, BPF_ANY);
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(hashed_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(hashed_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(hashed_ops,
	       .select_cpu = (void *)hashed_select_cpu,
	       .enqueue = (void *)hashed_enqueue,
	       .dispatch = (void *)hashed_dispatch,
	       .init_task = (void *)hashed_init_task,
	       .init = (void *)hashed_init,
	       .exit = (void *)hashed_exit,
	       .timeout_ms = 30000,
	       .name = "hashed");
