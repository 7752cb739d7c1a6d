// expect: reject admission admission/call
// Copies the arguments of the processes that it runs: their memory is none of its business.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, char[128]);
} arguments SEC(".maps");

s32 BPF_STRUCT_OPS(nosy_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(nosy_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(nosy_running, struct task_struct *p)
{
	struct task_struct *current = bpf_get_current_task_btf();
	u32 key = 0;
	char *buffer = bpf_map_lookup_elem(&arguments, &key);

	if (buffer && current->mm)
		bpf_probe_read_user(buffer, 128, (void *)current->mm->arg_start);
}

void BPF_STRUCT_OPS(nosy_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(nosy_ops,
	       .select_cpu = (void *)nosy_select_cpu,
	       .enqueue = (void *)nosy_enqueue,
	       .running = (void *)nosy_running,
	       .exit = (void *)nosy_exit,
	       .name = "nosy");
