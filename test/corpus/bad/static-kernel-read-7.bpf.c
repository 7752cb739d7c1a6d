// expect: reject static static/kernel-read
// Reads what lies some bytes behind the task's structure, at a place that a knob names.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

const volatile u32 place = 1984;
u64 base;
u64 found;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(offsets_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(offsets_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(offsets_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(offsets_running, struct task_struct *p)
{
	u64 value = 0;

	base = (u64)p;
	bpf_probe_read_kernel(&value, sizeof(value), (void *)(base + place * (1 + (scx_bpf_task_cpu(p) & 3))));
	found = value;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(offsets_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(offsets_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(offsets_ops,
	       .select_cpu = (void *)offsets_select_cpu,
	       .enqueue = (void *)offsets_enqueue,
	       .dispatch = (void *)offsets_dispatch,
	       .running = (void *)offsets_running,
	       .init = (void *)offsets_init,
	       .exit = (void *)offsets_exit,
	       .timeout_ms = 30000,
	       .name = "offsets");
