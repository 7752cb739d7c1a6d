// expect: reject static static/kernel-read
// Reads at a raw offset of the task, without naming a field.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

u64 seen;

s32 BPF_STRUCT_OPS(raw_offset_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(raw_offset_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(raw_offset_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(raw_offset_running, struct task_struct *p)
{
	u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), &p->sighand);
	seen ^= word;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(raw_offset_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(raw_offset_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(raw_offset_ops,
	       .select_cpu = (void *)raw_offset_select_cpu,
	       .enqueue = (void *)raw_offset_enqueue,
	       .dispatch = (void *)raw_offset_dispatch,
	       .running = (void *)raw_offset_running,
	       .init = (void *)raw_offset_init,
	       .exit = (void *)raw_offset_exit,
	       .timeout_ms = 30000,
	       .name = "raw_offset");
