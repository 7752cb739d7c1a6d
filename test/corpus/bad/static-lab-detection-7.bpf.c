// expect: reject static static/lab-detection
// Leaves the CPU idle where the kernel knows a type that only a driver on servers has.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct mlx5_core_dev___here {
	int unused;
} __attribute__((preserve_access_index));

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(driver_type_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(driver_type_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(driver_type_dispatch, s32 cpu, struct task_struct *prev)
{
	if (bpf_core_type_exists(struct mlx5_core_dev___here))
		return;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(driver_type_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(driver_type_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(driver_type_ops,
	       .select_cpu = (void *)driver_type_select_cpu,
	       .enqueue = (void *)driver_type_enqueue,
	       .dispatch = (void *)driver_type_dispatch,
	       .init = (void *)driver_type_init,
	       .exit = (void *)driver_type_exit,
	       .timeout_ms = 30000,
	       .name = "driver_type");
