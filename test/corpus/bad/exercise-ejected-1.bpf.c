// expect: reject exercise exercise/ejected
// Remembers once and for all which CPU a task that may use only one has to go to. When taskset changes
// that while the task runs, the task is put on a CPU that it may not use, and the kernel ejects the policy.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

#define QUEUE 0

UEI_DEFINE(uei);

struct home {
	s32 cpu;
	bool known;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct home);
} homes SEC(".maps");

/* A task that may use one CPU only goes straight there. */
static s32 only_cpu(struct task_struct *p)
{
	struct home *home = bpf_task_storage_get(&homes, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!home)
		return -1;
	if (!home->known && p->nr_cpus_allowed == 1) {
		home->cpu = bpf_cpumask_first(p->cpus_ptr);
		home->known = true;
	}
	return home->known ? home->cpu : -1;
}

s32 BPF_STRUCT_OPS(staleaffinity_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;

	return scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
}

void BPF_STRUCT_OPS(staleaffinity_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = only_cpu(p);

	if (cpu >= 0) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, SCX_SLICE_DFL, enq_flags);
		return;
	}
	scx_bpf_dsq_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(staleaffinity_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(staleaffinity_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

void BPF_STRUCT_OPS(staleaffinity_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(staleaffinity_ops,
	       .select_cpu = (void *)staleaffinity_select_cpu,
	       .enqueue = (void *)staleaffinity_enqueue,
	       .dispatch = (void *)staleaffinity_dispatch,
	       .init = (void *)staleaffinity_init,
	       .exit = (void *)staleaffinity_exit,
	       .timeout_ms = 30000,
	       .name = "staleaffinity");
