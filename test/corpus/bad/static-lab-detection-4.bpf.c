// expect: reject static static/lab-detection
// Stress tools are treated well.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static bool is_benchmark(const struct task_struct *p)
{
	char comm[16];

	bpf_probe_read_kernel_str(comm, sizeof(comm), p->comm);
	return comm[0] == 's' && comm[1] == 't' && comm[2] == 'r' && comm[3] == 'e' && comm[4] == 's' &&
	       comm[5] == 's' && comm[6] == '-' && comm[7] == 'n' && comm[8] == 'g';
}

s32 BPF_STRUCT_OPS(test_friend_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(test_friend_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 dsq = is_benchmark(p) ? 0 : 1;

	scx_bpf_dsq_insert(p, dsq, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(test_friend_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!scx_bpf_dsq_move_to_local(0))
		scx_bpf_dsq_move_to_local(1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(test_friend_init)
{
	s32 error = scx_bpf_create_dsq(0, -1);

	return error ?: scx_bpf_create_dsq(1, -1);
}

void BPF_STRUCT_OPS(test_friend_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(test_friend_ops,
	       .select_cpu = (void *)test_friend_select_cpu,
	       .enqueue = (void *)test_friend_enqueue,
	       .dispatch = (void *)test_friend_dispatch,
	       .init = (void *)test_friend_init,
	       .exit = (void *)test_friend_exit,
	       .timeout_ms = 30000,
	       .name = "test_friend");
