// expect: reject static static/identity
// A favourite program, by name, runs ten times as long.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static bool is_favourite(const struct task_struct *p)
{
	return p->comm[0] == 'f' && p->comm[1] == 'f' && p->comm[2] == 'm' && p->comm[3] == 'p' &&
	       p->comm[4] == 'e' && p->comm[5] == 'g';
}

s32 BPF_STRUCT_OPS(favourite_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(favourite_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (is_favourite(p)) {
		scx_bpf_dsq_insert(p, 0, 100 * NSEC_PER_MSEC, enq_flags);
		return;
	}
	scx_bpf_dsq_insert(p, 0, 5 * NSEC_PER_MSEC, enq_flags);
}

void BPF_STRUCT_OPS(favourite_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(favourite_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(favourite_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(favourite_ops,
	       .select_cpu = (void *)favourite_select_cpu,
	       .enqueue = (void *)favourite_enqueue,
	       .dispatch = (void *)favourite_dispatch,
	       .init = (void *)favourite_init,
	       .exit = (void *)favourite_exit,
	       .timeout_ms = 30000,
	       .name = "favourite");
