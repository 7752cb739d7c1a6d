// expect: pass
// One CPU hands tasks to all, looking at their affinity; the others only take what they are given.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

/* The CPU that decides. */
const volatile s32 central_cpu = 0;

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, s32);
} waiting SEC(".maps");

#define FALLBACK_DSQ 0

static bool give(s32 cpu)
{
	struct task_struct *p;
	s32 pid;
	u32 i;

	bpf_for(i, 0, 16) {
		if (bpf_map_pop_elem(&waiting, &pid))
			return false;
		p = bpf_task_from_pid(pid);
		if (!p)
			continue;
		if (!bpf_cpumask_test_cpu(cpu, p->cpus_ptr)) {
			scx_bpf_dsq_insert(p, FALLBACK_DSQ, SCX_SLICE_DFL, 0);
			bpf_task_release(p);
			continue;
		}
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, SCX_SLICE_DFL, 0);
		bpf_task_release(p);
		return true;
	}
	return false;
}

s32 BPF_STRUCT_OPS(central_good_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void BPF_STRUCT_OPS(central_good_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	if ((p->flags & PF_KTHREAD) && p->nr_cpus_allowed == 1) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
		return;
	}
	if (bpf_map_push_elem(&waiting, &pid, 0)) {
		scx_bpf_dsq_insert(p, FALLBACK_DSQ, SCX_SLICE_DFL, enq_flags);
		return;
	}
	scx_bpf_kick_cpu(central_cpu, SCX_KICK_IDLE);
}

void BPF_STRUCT_OPS(central_good_dispatch, s32 cpu, struct task_struct *prev)
{
	s32 other;

	if (cpu != central_cpu) {
		if (!scx_bpf_dsq_move_to_local(FALLBACK_DSQ))
			give(cpu);
		return;
	}
	bpf_for(other, 0, scx_bpf_nr_cpu_ids()) {
		if (other == cpu || !scx_bpf_dispatch_nr_slots())
			continue;
		if (scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | other) == 0 && give(other))
			scx_bpf_kick_cpu(other, SCX_KICK_IDLE);
	}
	if (!scx_bpf_dsq_move_to_local(FALLBACK_DSQ))
		give(cpu);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(central_good_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(central_good_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(central_good_ops,
	       .select_cpu = (void *)central_good_select_cpu,
	       .enqueue = (void *)central_good_enqueue,
	       .dispatch = (void *)central_good_dispatch,
	       .init = (void *)central_good_init,
	       .exit = (void *)central_good_exit,
	       .timeout_ms = 30000,
	       .name = "central_good");
