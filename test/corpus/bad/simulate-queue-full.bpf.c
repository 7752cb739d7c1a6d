// expect: reject simulate simulate/lost-task
// Keeps pids in a queue of 64: what does not fit is dropped.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 64);
	__type(value, s32);
} queue SEC(".maps");

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(queue_full_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(queue_full_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	bpf_map_push_elem(&queue, &pid, 0);
	kick_idle(p);
}

void BPF_STRUCT_OPS(queue_full_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	s32 pid, i;

	bpf_for(i, 0, 8) {
		if (bpf_map_pop_elem(&queue, &pid))
			return;
		p = bpf_task_from_pid(pid);
		if (!p)
			continue;
		if (bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
		else
			scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
		bpf_task_release(p);
	}
}

void BPF_STRUCT_OPS(queue_full_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(queue_full_ops,
	       .select_cpu = (void *)queue_full_select_cpu,
	       .enqueue = (void *)queue_full_enqueue,
	       .dispatch = (void *)queue_full_dispatch,
	       .exit = (void *)queue_full_exit,
	       .timeout_ms = 30000,
	       .name = "queue_full");
