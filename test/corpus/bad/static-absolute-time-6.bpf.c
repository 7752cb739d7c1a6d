// expect: reject static static/absolute-time
// Ticks are counted in an array map; after five thousand the queue is left alone.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} counts SEC(".maps");

s32 BPF_STRUCT_OPS(tick_bomb_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(tick_bomb_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(tick_bomb_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 key = 0;
	u64 *ticks = bpf_map_lookup_elem(&counts, &key);

	if (ticks && *ticks > 5000)
		return;
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(tick_bomb_tick, struct task_struct *p)
{
	u32 key = 0;
	u64 *ticks = bpf_map_lookup_elem(&counts, &key);

	if (ticks)
		__sync_fetch_and_add(ticks, 1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(tick_bomb_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(tick_bomb_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(tick_bomb_ops,
	       .select_cpu = (void *)tick_bomb_select_cpu,
	       .enqueue = (void *)tick_bomb_enqueue,
	       .dispatch = (void *)tick_bomb_dispatch,
	       .tick = (void *)tick_bomb_tick,
	       .init = (void *)tick_bomb_init,
	       .exit = (void *)tick_bomb_exit,
	       .timeout_ms = 30000,
	       .name = "tick_bomb");
