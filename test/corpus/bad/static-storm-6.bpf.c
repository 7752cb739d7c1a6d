// expect: reject static static/storm
// The timer starts itself again at once.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct timer_value {
	struct bpf_timer timer;
	u64 rounds;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct timer_value);
} timers SEC(".maps");

static int on_timer(void *map, u32 *key, struct timer_value *value)
{
	value->rounds++;
	bpf_timer_start(&value->timer, 0, 0);
	return 0;
}

s32 BPF_STRUCT_OPS(endless_timer_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(endless_timer_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(endless_timer_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(endless_timer_init)
{
	u32 key = 0;
	struct timer_value *value = bpf_map_lookup_elem(&timers, &key);
	s32 error;

	if (!value)
		return -ENOENT;
	error = bpf_timer_init(&value->timer, &timers, CLOCK_MONOTONIC);
	if (error)
		return error;
	bpf_timer_set_callback(&value->timer, on_timer);
	error = bpf_timer_start(&value->timer, NSEC_PER_MSEC, 0);
	return error ?: scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(endless_timer_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(endless_timer_ops,
	       .select_cpu = (void *)endless_timer_select_cpu,
	       .enqueue = (void *)endless_timer_enqueue,
	       .dispatch = (void *)endless_timer_dispatch,
	       .init = (void *)endless_timer_init,
	       .exit = (void *)endless_timer_exit,
	       .timeout_ms = 30000,
	       .name = "endless_timer");
