// expect: reject static static/error-exit
// The ring of pids is small; when it is full, that is taken for an error.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 128);
	__type(value, s32);
} waiting SEC(".maps");

s32 BPF_STRUCT_OPS(small_ring_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(small_ring_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	if (bpf_map_push_elem(&waiting, &pid, 0))
		scx_bpf_error("ring full");
}

void BPF_STRUCT_OPS(small_ring_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	s32 pid;

	if (bpf_map_pop_elem(&waiting, &pid))
		return;
	p = bpf_task_from_pid(pid);
	if (!p)
		return;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
	bpf_task_release(p);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(small_ring_init)
{
	return 0;
}

void BPF_STRUCT_OPS(small_ring_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(small_ring_ops,
	       .select_cpu = (void *)small_ring_select_cpu,
	       .enqueue = (void *)small_ring_enqueue,
	       .dispatch = (void *)small_ring_dispatch,
	       .init = (void *)small_ring_init,
	       .exit = (void *)small_ring_exit,
	       .timeout_ms = 30000,
	       .name = "small_ring");
