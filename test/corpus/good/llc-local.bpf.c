// expect: pass
// A queue per group of four CPUs, as for caches; empty-handed CPUs take from the next group.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define GROUPS 64
#define GROUP_CPUS 4

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(llc_local_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(llc_local_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 group = (u32)scx_bpf_task_cpu(p) / GROUP_CPUS % GROUPS;

	scx_bpf_dsq_insert(p, group, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(llc_local_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 own = (u32)cpu / GROUP_CPUS;
	u32 i;

	bpf_for(i, 0, GROUPS) {
		if (scx_bpf_dsq_move_to_local((own + i) % GROUPS))
			return;
	}
}

s32 BPF_STRUCT_OPS_SLEEPABLE(llc_local_init)
{
	s32 error = 0;
	u32 i;

	bpf_for(i, 0, 64) {
		error = scx_bpf_create_dsq(i, -1);
		if (error)
			return error;
	}
	return 0;
}

void BPF_STRUCT_OPS(llc_local_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(llc_local_ops,
	       .select_cpu = (void *)llc_local_select_cpu,
	       .enqueue = (void *)llc_local_enqueue,
	       .dispatch = (void *)llc_local_dispatch,
	       .init = (void *)llc_local_init,
	       .exit = (void *)llc_local_exit,
	       .timeout_ms = 30000,
	       .name = "llc_local");
