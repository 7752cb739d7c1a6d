// expect: reject static static/memory-growth
// Made in init_task by tgid, and never freed.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10000);
	__type(key, u32);
	__type(value, u64);
} processes SEC(".maps");

s32 BPF_STRUCT_OPS(by_process_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(by_process_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(by_process_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(by_process_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	u32 tgid = p->tgid;
	u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&processes, &tgid, &now, BPF_ANY);
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(by_process_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(by_process_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(by_process_ops,
	       .select_cpu = (void *)by_process_select_cpu,
	       .enqueue = (void *)by_process_enqueue,
	       .dispatch = (void *)by_process_dispatch,
	       .init_task = (void *)by_process_init_task,
	       .init = (void *)by_process_init,
	       .exit = (void *)by_process_exit,
	       .timeout_ms = 30000,
	       .name = "by_process");
