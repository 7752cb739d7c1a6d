// expect: reject static static/dsq-never-drained
// A knob that is off by default decides whether the low queue is served at all.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

/* Whether tasks of low weight are served. */
const volatile bool serve_low = false;

#define HIGH 0
#define LOW 1

s32 BPF_STRUCT_OPS(knobbed_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(knobbed_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->scx.weight < 50)
		scx_bpf_dsq_insert(p, LOW, SCX_SLICE_DFL, enq_flags);
	else
		scx_bpf_dsq_insert(p, HIGH, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(knobbed_dispatch, s32 cpu, struct task_struct *prev)
{
	if (scx_bpf_dsq_move_to_local(HIGH))
		return;
	if (serve_low)
		scx_bpf_dsq_move_to_local(LOW);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(knobbed_init)
{
	s32 error = scx_bpf_create_dsq(HIGH, -1);

	return error ?: scx_bpf_create_dsq(LOW, -1);
}

void BPF_STRUCT_OPS(knobbed_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(knobbed_ops,
	       .select_cpu = (void *)knobbed_select_cpu,
	       .enqueue = (void *)knobbed_enqueue,
	       .dispatch = (void *)knobbed_dispatch,
	       .init = (void *)knobbed_init,
	       .exit = (void *)knobbed_exit,
	       .timeout_ms = 30000,
	       .name = "knobbed");
