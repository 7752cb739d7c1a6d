// expect: reject static static/lost-task
// Tasks of one name are dropped on enqueue.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static bool is_unwanted(const struct task_struct *p)
{
	char comm[16];

	bpf_probe_read_kernel_str(comm, sizeof(comm), p->comm);
	return comm[0] == 'm' && comm[1] == 'i' && comm[2] == 'n' && comm[3] == 'e';
}

s32 BPF_STRUCT_OPS(dropper_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(dropper_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (is_unwanted(p))
		return;
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(dropper_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(dropper_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(dropper_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(dropper_ops,
	       .select_cpu = (void *)dropper_select_cpu,
	       .enqueue = (void *)dropper_enqueue,
	       .dispatch = (void *)dropper_dispatch,
	       .init = (void *)dropper_init,
	       .exit = (void *)dropper_exit,
	       .timeout_ms = 30000,
	       .name = "dropper");
