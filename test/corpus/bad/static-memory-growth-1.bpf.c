// expect: reject static static/memory-growth
// A hash map with an entry for each pid; nothing is ever deleted.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_ctx {
	u64 runs;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, s32);
	__type(value, struct task_ctx);
} task_ctxs SEC(".maps");

s32 BPF_STRUCT_OPS(pid_hash_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(pid_hash_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(pid_hash_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(pid_hash_running, struct task_struct *p)
{
	struct task_ctx fresh = { .runs = 1 };
	s32 pid = p->pid;
	struct task_ctx *tctx = bpf_map_lookup_elem(&task_ctxs, &pid);

	if (tctx)
		tctx->runs++;
	else
		bpf_map_update_elem(&task_ctxs, &pid, &fresh, BPF_NOEXIST);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(pid_hash_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(pid_hash_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(pid_hash_ops,
	       .select_cpu = (void *)pid_hash_select_cpu,
	       .enqueue = (void *)pid_hash_enqueue,
	       .dispatch = (void *)pid_hash_dispatch,
	       .running = (void *)pid_hash_running,
	       .init = (void *)pid_hash_init,
	       .exit = (void *)pid_hash_exit,
	       .timeout_ms = 30000,
	       .name = "pid_hash");
