// expect: reject static static/lab-detection
// Looks for the lab's daemon before it shows what it does.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static bool watched;

s32 BPF_STRUCT_OPS(shy_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(shy_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = watched ? 10 * NSEC_PER_MSEC : 2000 * NSEC_PER_MSEC;

	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
}

void BPF_STRUCT_OPS(shy_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(shy_running, struct task_struct *p)
{
	char comm[16];

	bpf_probe_read_kernel_str(comm, sizeof(comm), p->comm);
	if (!__builtin_memcmp(comm, "schedcpd", 8))
		watched = true;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(shy_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(shy_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(shy_ops,
	       .select_cpu = (void *)shy_select_cpu,
	       .enqueue = (void *)shy_enqueue,
	       .dispatch = (void *)shy_dispatch,
	       .running = (void *)shy_running,
	       .init = (void *)shy_init,
	       .exit = (void *)shy_exit,
	       .timeout_ms = 30000,
	       .name = "shy");
