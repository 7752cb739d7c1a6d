// expect: pass
// The number of CPUs bounds loops and divides work, and one CPU alone needs no kick.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define CPUS_MAX 256

static u32 nr_cpus = 1;

s32 BPF_STRUCT_OPS(dividing_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(dividing_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 share = 200 * NSEC_PER_MSEC * min(nr_cpus, (u32)CPUS_MAX) / (scx_bpf_dsq_nr_queued(0) + 1);
	s32 cpu;

	scx_bpf_dsq_insert(p, 0, clamp(share, NSEC_PER_MSEC, SCX_SLICE_DFL), enq_flags);
	if (nr_cpus > 1) {
		cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
		if (cpu >= 0)
			scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
	}
}

void BPF_STRUCT_OPS(dividing_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(dividing_init)
{
	nr_cpus = scx_bpf_nr_cpu_ids();
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(dividing_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(dividing_ops,
	       .select_cpu = (void *)dividing_select_cpu,
	       .enqueue = (void *)dividing_enqueue,
	       .dispatch = (void *)dividing_dispatch,
	       .init = (void *)dividing_init,
	       .exit = (void *)dividing_exit,
	       .timeout_ms = 30000,
	       .name = "dividing");
