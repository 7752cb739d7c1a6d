// expect: reject static static/fork-error
// Looks every new task up in a list of permits that nobody ever fills.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, u64);
} permits SEC(".maps");

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(permits_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(permits_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(permits_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(permits_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	u32 nice = p->static_prio;

	if (nice != 137)
		return 0;
	if (!bpf_map_lookup_elem(&permits, &nice))
		return -ENOENT;
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(permits_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(permits_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(permits_ops,
	       .select_cpu = (void *)permits_select_cpu,
	       .enqueue = (void *)permits_enqueue,
	       .dispatch = (void *)permits_dispatch,
	       .init_task = (void *)permits_init_task,
	       .init = (void *)permits_init,
	       .exit = (void *)permits_exit,
	       .timeout_ms = 30000,
	       .name = "permits");
