// expect: reject admission admission/map-type
// Calls its parts through a program array, which cannot be followed.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} parts SEC(".maps");

s32 BPF_STRUCT_OPS(hopper_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(hopper_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(hopper_tick, struct task_struct *p)
{
	bpf_tail_call((void *)p, &parts, 0);
}

void BPF_STRUCT_OPS(hopper_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(hopper_ops,
	       .select_cpu = (void *)hopper_select_cpu,
	       .enqueue = (void *)hopper_enqueue,
	       .tick = (void *)hopper_tick,
	       .exit = (void *)hopper_exit,
	       .name = "hopper");
