// expect: reject simulate simulate/starvation
// Tasks named `stress-ng` are served only while nobody else waits.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(name_strict_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(name_strict_enqueue, struct task_struct *p, u64 enq_flags)
{
	char comm[16] = {};

	bpf_probe_read_kernel_str(comm, sizeof(comm), p->comm);
	scx_bpf_dsq_insert(p, bpf_strncmp(comm, 9, "stress-ng") == 0 ? 1 : 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(name_strict_dispatch, s32 cpu, struct task_struct *prev)
{
	if (!scx_bpf_dsq_move_to_local(0))
		scx_bpf_dsq_move_to_local(1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(name_strict_init)
{
	s32 error = 0;
	u32 i;

	bpf_for(i, 0, 2) {
		error = scx_bpf_create_dsq(i, -1);
		if (error)
			return error;
	}
	return 0;
}

void BPF_STRUCT_OPS(name_strict_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(name_strict_ops,
	       .select_cpu = (void *)name_strict_select_cpu,
	       .enqueue = (void *)name_strict_enqueue,
	       .dispatch = (void *)name_strict_dispatch,
	       .init = (void *)name_strict_init,
	       .exit = (void *)name_strict_exit,
	       .timeout_ms = 30000,
	       .name = "name_strict");
