// expect: pass
// State by pid in a hash map, deleted when the task exits; a cache that forgets by itself.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, s32);
	__type(value, u64);
} runs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, s32);
	__type(value, u64);
} recent SEC(".maps");

s32 BPF_STRUCT_OPS(tidy_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(tidy_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;
	u64 now = scx_bpf_now();

	bpf_map_update_elem(&recent, &pid, &now, BPF_ANY);
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(tidy_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(tidy_running, struct task_struct *p)
{
	s32 pid = p->pid;
	u64 one = 1;
	u64 *count = bpf_map_lookup_elem(&runs, &pid);

	if (count)
		(*count)++;
	else
		bpf_map_update_elem(&runs, &pid, &one, BPF_ANY);
}

void BPF_STRUCT_OPS(tidy_exit_task, struct task_struct *p, struct scx_exit_task_args *args)
{
	s32 pid = p->pid;

	bpf_map_delete_elem(&runs, &pid);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(tidy_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(tidy_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(tidy_ops,
	       .select_cpu = (void *)tidy_select_cpu,
	       .enqueue = (void *)tidy_enqueue,
	       .dispatch = (void *)tidy_dispatch,
	       .running = (void *)tidy_running,
	       .exit_task = (void *)tidy_exit_task,
	       .init = (void *)tidy_init,
	       .exit = (void *)tidy_exit,
	       .timeout_ms = 30000,
	       .name = "tidy");
