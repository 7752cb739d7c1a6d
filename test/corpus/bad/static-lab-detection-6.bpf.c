// expect: reject static static/lab-detection
// Looks for the runner by bpf_strncmp.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static bool tested;

s32 BPF_STRUCT_OPS(runner_watch_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(runner_watch_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = tested ? 5 * NSEC_PER_MSEC : 1000 * NSEC_PER_MSEC;
	char comm[16] = {};

	bpf_get_current_comm(comm, sizeof(comm));
	if (!bpf_strncmp(comm, 14, "schedcp-runner"))
		tested = true;
	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
}

void BPF_STRUCT_OPS(runner_watch_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(runner_watch_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(runner_watch_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(runner_watch_ops,
	       .select_cpu = (void *)runner_watch_select_cpu,
	       .enqueue = (void *)runner_watch_enqueue,
	       .dispatch = (void *)runner_watch_dispatch,
	       .init = (void *)runner_watch_init,
	       .exit = (void *)runner_watch_exit,
	       .timeout_ms = 30000,
	       .name = "runner_watch");
