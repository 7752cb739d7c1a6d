// expect: reject admission admission/map-memory
// Keeps a history of a million slots for each of a thousand groups in kernel memory.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);

struct history_slot {
	u64 times[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1024 * 1024);
	__type(key, u32);
	__type(value, struct history_slot);
} history SEC(".maps");

s32 BPF_STRUCT_OPS(historian_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(historian_enqueue, struct task_struct *p, u64 enq_flags)
{
	{
		u32 key = p->pid & 0xfffff;
		struct history_slot *slot = bpf_map_lookup_elem(&history, &key);

		if (slot)
			slot->times[0] = bpf_ktime_get_ns();
	}
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(historian_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(historian_ops,
	       .select_cpu = (void *)historian_select_cpu,
	       .enqueue = (void *)historian_enqueue,
	       .exit = (void *)historian_exit,
	       .name = "historian");
