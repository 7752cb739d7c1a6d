// expect: reject static static/absolute-time
// A timer that fires once, after twenty seconds, switches the service off.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct timer_value {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct timer_value);
} timers SEC(".maps");

static bool finished;

static int on_timer(void *map, u32 *key, struct timer_value *value)
{
	finished = true;
	return 0;
}

s32 BPF_STRUCT_OPS(timer_bomb_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(timer_bomb_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(timer_bomb_dispatch, s32 cpu, struct task_struct *prev)
{
	if (READ_ONCE(finished))
		return;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(timer_bomb_init)
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
	error = bpf_timer_start(&value->timer, 20 * NSEC_PER_SEC, 0);
	return error ?: scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(timer_bomb_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(timer_bomb_ops,
	       .select_cpu = (void *)timer_bomb_select_cpu,
	       .enqueue = (void *)timer_bomb_enqueue,
	       .dispatch = (void *)timer_bomb_dispatch,
	       .init = (void *)timer_bomb_init,
	       .exit = (void *)timer_bomb_exit,
	       .timeout_ms = 30000,
	       .name = "timer_bomb");
