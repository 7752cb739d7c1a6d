// expect: reject static static/kernel-read
// Namespaces and open files decide who counts as a container.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(containers_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(containers_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 inum = BPF_CORE_READ(p, nsproxy, uts_ns, ns.inum);
	u64 slice = inum == 0xeffffffe ? 20 * NSEC_PER_MSEC : 5 * NSEC_PER_MSEC;

	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
}

void BPF_STRUCT_OPS(containers_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(containers_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(containers_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(containers_ops,
	       .select_cpu = (void *)containers_select_cpu,
	       .enqueue = (void *)containers_enqueue,
	       .dispatch = (void *)containers_dispatch,
	       .init = (void *)containers_init,
	       .exit = (void *)containers_exit,
	       .timeout_ms = 30000,
	       .name = "containers");
