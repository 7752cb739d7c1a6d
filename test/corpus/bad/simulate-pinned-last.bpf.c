// expect: reject simulate simulate/starvation
// Tasks that may use one CPU only wait in its queue, which is looked at only while the shared one is empty.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define CPUS_MAX 64
#define SHARED 1000

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(pinned_last_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(pinned_last_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 dsq = p->nr_cpus_allowed == 1 ? (u64)scx_bpf_task_cpu(p) : SHARED;

	scx_bpf_dsq_insert(p, dsq, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(pinned_last_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!scx_bpf_dsq_move_to_local(SHARED))
		scx_bpf_dsq_move_to_local(cpu);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(pinned_last_init)
{
	s32 error = scx_bpf_create_dsq(SHARED, -1);
	u32 cpu;

	bpf_for(cpu, 0, min(scx_bpf_nr_cpu_ids(), (u32)CPUS_MAX)) {
		if (!error)
			error = scx_bpf_create_dsq(cpu, -1);
	}
	return error;
}

void BPF_STRUCT_OPS(pinned_last_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(pinned_last_ops,
	       .select_cpu = (void *)pinned_last_select_cpu,
	       .enqueue = (void *)pinned_last_enqueue,
	       .dispatch = (void *)pinned_last_dispatch,
	       .init = (void *)pinned_last_init,
	       .exit = (void *)pinned_last_exit,
	       .timeout_ms = 30000,
	       .name = "pinned_last");
