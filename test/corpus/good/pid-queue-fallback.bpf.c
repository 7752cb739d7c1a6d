// expect: pass
// Keeps pids in a queue of 1,024; what does not fit goes to the kernel's global queue.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1024);
	__type(value, s32);
} queue SEC(".maps");

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(pid_queue_fallback_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(pid_queue_fallback_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	if (bpf_map_push_elem(&queue, &pid, 0))
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(pid_queue_fallback_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	s32 pid, i;

	/* Who was put back meanwhile is in the queue twice: such entries lead to nobody who waits. */
	bpf_for(i, 0, 1024) {
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
		if (scx_bpf_dispatch_nr_slots() < 2)
			return;
	}
}

void BPF_STRUCT_OPS(pid_queue_fallback_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(pid_queue_fallback_ops,
	       .select_cpu = (void *)pid_queue_fallback_select_cpu,
	       .enqueue = (void *)pid_queue_fallback_enqueue,
	       .dispatch = (void *)pid_queue_fallback_dispatch,
	       .exit = (void *)pid_queue_fallback_exit,
	       .timeout_ms = 30000,
	       .name = "pid_queue_fallback");
