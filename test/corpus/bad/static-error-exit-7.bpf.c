// expect: reject static static/error-exit
// Asserts that there is an entry for this hour; some hour there is none.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 24);
	__type(key, u32);
	__type(value, u64);
} hours SEC(".maps");

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(hours_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(hours_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 hour = bpf_ktime_get_ns() / (3600 * NSEC_PER_SEC);
	u64 *tasks = bpf_map_lookup_elem(&hours, &hour);

	if (!tasks) {
		scx_bpf_error("no entry for hour %u", hour);
		return;
	}
	(*tasks)++;
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(hours_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(hours_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(hours_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(hours_ops,
	       .select_cpu = (void *)hours_select_cpu,
	       .enqueue = (void *)hours_enqueue,
	       .dispatch = (void *)hours_dispatch,
	       .init = (void *)hours_init,
	       .exit = (void *)hours_exit,
	       .timeout_ms = 30000,
	       .name = "hours");
