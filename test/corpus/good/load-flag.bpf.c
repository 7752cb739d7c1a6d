// expect: pass
// A timer measures the load; while it is high, slices are short.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

struct timer_value {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct timer_value);
} timers SEC(".maps");

static bool busy;

static int on_timer(void *map, u32 *key, struct timer_value *value)
{
	busy = scx_bpf_dsq_nr_queued(0) > 16;
	bpf_timer_start(&value->timer, 50 * NSEC_PER_MSEC, 0);
	return 0;
}

s32 BPF_STRUCT_OPS(load_flag_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(load_flag_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, busy ? 2 * NSEC_PER_MSEC : SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(load_flag_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(load_flag_init)
{
	u32 key = 0;
	struct timer_value *value = bpf_map_lookup_elem(&timers, &key);
	s32 error;
	u32 i;

	if (!value)
		return -ENOENT;
	bpf_for(i, 0, 1) {
		error = scx_bpf_create_dsq(i, -1);
		if (error)
			return error;
	}
	error = bpf_timer_init(&value->timer, &timers, CLOCK_MONOTONIC);
	if (error)
		return error;
	bpf_timer_set_callback(&value->timer, on_timer);
	return bpf_timer_start(&value->timer, 50 * NSEC_PER_MSEC, 0);
}

void BPF_STRUCT_OPS(load_flag_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(load_flag_ops,
	       .select_cpu = (void *)load_flag_select_cpu,
	       .enqueue = (void *)load_flag_enqueue,
	       .dispatch = (void *)load_flag_dispatch,
	       .init = (void *)load_flag_init,
	       .exit = (void *)load_flag_exit,
	       .timeout_ms = 30000,
	       .name = "load_flag");
