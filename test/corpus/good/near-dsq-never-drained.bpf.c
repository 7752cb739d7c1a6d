// expect: pass
// Queues of cache groups, drained in a loop from the own one on.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

#define GROUPS 4

static u32 group_of(s32 cpu)
{
	return (u32)cpu % GROUPS;
}

s32 BPF_STRUCT_OPS(groups_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(groups_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 100 + group_of(scx_bpf_task_cpu(p)), SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(groups_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 own = group_of(cpu);
	u32 i;

	bpf_for(i, 0, GROUPS) {
		if (scx_bpf_dsq_move_to_local(100 + (own + i) % GROUPS))
			return;
	}
}

s32 BPF_STRUCT_OPS_SLEEPABLE(groups_init)
{
	s32 error = 0;
	u32 i;

	bpf_for(i, 0, GROUPS) {
		error = scx_bpf_create_dsq(100 + i, -1);
		if (error)
			break;
	}
	return error;
}

void BPF_STRUCT_OPS(groups_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(groups_ops,
	       .select_cpu = (void *)groups_select_cpu,
	       .enqueue = (void *)groups_enqueue,
	       .dispatch = (void *)groups_dispatch,
	       .init = (void *)groups_init,
	       .exit = (void *)groups_exit,
	       .timeout_ms = 30000,
	       .name = "groups");
