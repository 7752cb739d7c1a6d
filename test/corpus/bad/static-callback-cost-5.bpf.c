// expect: reject static static/callback-cost
// Goes over a table of a million entries whenever a task comes.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1000000);
	__type(key, u32);
	__type(value, u64);
} table SEC(".maps");

static u64 most;

static long look(struct bpf_map *map, u32 *key, u64 *value, void *data)
{
	if (*value > most)
		most = *value;
	return 0;
}

s32 BPF_STRUCT_OPS(whole_table_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(whole_table_enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_for_each_map_elem(&table, look, NULL, 0);
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(whole_table_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(whole_table_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(whole_table_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(whole_table_ops,
	       .select_cpu = (void *)whole_table_select_cpu,
	       .enqueue = (void *)whole_table_enqueue,
	       .dispatch = (void *)whole_table_dispatch,
	       .init = (void *)whole_table_init,
	       .exit = (void *)whole_table_exit,
	       .timeout_ms = 30000,
	       .name = "whole_table");
