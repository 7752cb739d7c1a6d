// expect: reject admission admission/pin
// Pins its table of tasks, so that it outlives the policy.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} runtimes SEC(".maps");

s32 BPF_STRUCT_OPS(pinner_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(pinner_enqueue, struct task_struct *p, u64 enq_flags)
{
	{
		u32 key = p->pid;
		u64 now = bpf_ktime_get_ns();

		bpf_map_update_elem(&runtimes, &key, &now, BPF_ANY);
	}
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(pinner_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(pinner_ops,
	       .select_cpu = (void *)pinner_select_cpu,
	       .enqueue = (void *)pinner_enqueue,
	       .exit = (void *)pinner_exit,
	       .name = "pinner");
