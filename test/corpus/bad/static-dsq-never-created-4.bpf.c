// expect: reject static static/dsq-never-created
// The queue for pinned tasks is only made where a knob says so, but always used.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

/* Whether pinned tasks have a queue of their own. */
const volatile bool pinned_queue = false;

s32 BPF_STRUCT_OPS(optional_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(optional_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->nr_cpus_allowed == 1)
		scx_bpf_dsq_insert(p, 1, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(optional_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!scx_bpf_dsq_move_to_local(1))
		scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(optional_init)
{
	s32 error = scx_bpf_create_dsq(0, -1);

	if (!error && pinned_queue)
		error = scx_bpf_create_dsq(1, -1);
	return error;
}

void BPF_STRUCT_OPS(optional_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(optional_ops,
	       .select_cpu = (void *)optional_select_cpu,
	       .enqueue = (void *)optional_enqueue,
	       .dispatch = (void *)optional_dispatch,
	       .init = (void *)optional_init,
	       .exit = (void *)optional_exit,
	       .timeout_ms = 30000,
	       .name = "optional");
