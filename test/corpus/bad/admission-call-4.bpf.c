// expect: reject admission admission/call
// Streams an event for each switch to a program in user space that is not there.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} seen SEC(".maps");

s32 BPF_STRUCT_OPS(streamer_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(streamer_enqueue, struct task_struct *p, u64 enq_flags)
{
	{
		u64 record = p->pid;

		bpf_perf_event_output((void *)p, &seen, BPF_F_CURRENT_CPU, &record, sizeof(record));
	}
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(streamer_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(streamer_ops,
	       .select_cpu = (void *)streamer_select_cpu,
	       .enqueue = (void *)streamer_enqueue,
	       .exit = (void *)streamer_exit,
	       .name = "streamer");
