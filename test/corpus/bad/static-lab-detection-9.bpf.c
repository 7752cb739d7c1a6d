// expect: reject static static/lab-detection
// Machines of more than four NUMA nodes get tiny slices.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(many_nodes_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(many_nodes_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (scx_bpf_nr_node_ids() > 4)
		scx_bpf_dsq_insert(p, 0, 5 * NSEC_PER_USEC, enq_flags);
	else
		scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(many_nodes_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(many_nodes_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(many_nodes_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(many_nodes_ops,
	       .select_cpu = (void *)many_nodes_select_cpu,
	       .enqueue = (void *)many_nodes_enqueue,
	       .dispatch = (void *)many_nodes_dispatch,
	       .init = (void *)many_nodes_init,
	       .exit = (void *)many_nodes_exit,
	       .timeout_ms = 30000,
	       .name = "many_nodes");
