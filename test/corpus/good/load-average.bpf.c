// expect: pass
// A load average of the queue, decayed at most once in ten milliseconds, shortens slices by degrees.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

/* In sixteenths of a task. */
static u64 load_avg;
static u64 updated_at;
u64 samples;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(averaged_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(averaged_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 now = scx_bpf_now();
	u64 slice = SCX_SLICE_DFL;

	if (time_delta(now, updated_at) >= 10 * NSEC_PER_MSEC) {
		updated_at = now;
		samples++;
		load_avg = load_avg - load_avg / 8 + 2 * (u64)scx_bpf_dsq_nr_queued(0);
	}
	if (load_avg > 64 * 16)
		slice = 2 * NSEC_PER_MSEC;
	else if (load_avg > 16 * 16)
		slice = 5 * NSEC_PER_MSEC;
	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(averaged_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(averaged_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(averaged_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(averaged_ops,
	       .select_cpu = (void *)averaged_select_cpu,
	       .enqueue = (void *)averaged_enqueue,
	       .dispatch = (void *)averaged_dispatch,
	       .init = (void *)averaged_init,
	       .exit = (void *)averaged_exit,
	       .timeout_ms = 30000,
	       .name = "averaged");
