// expect: reject simulate simulate/starvation
// A change of weight multiplies the virtual time by the new weight: who is reniced once is behind for ever.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define SLICE (5 * NSEC_PER_MSEC)

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(renice_multiplies_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SLICE, 0);
	return cpu;
}

static u64 vtime_now;

void BPF_STRUCT_OPS(renice_multiplies_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 vtime = p->scx.dsq_vtime;

	if (time_before(vtime, vtime_now - SLICE))
		vtime = vtime_now - SLICE;
	scx_bpf_dsq_insert_vtime(p, 0, SLICE, vtime, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(renice_multiplies_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(renice_multiplies_running, struct task_struct *p)
{
	if (time_before(vtime_now, p->scx.dsq_vtime))
		vtime_now = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(renice_multiplies_stopping, struct task_struct *p, bool runnable)
{
	p->scx.dsq_vtime += (SLICE - min(p->scx.slice, SLICE)) * 100 / p->scx.weight;
}

void BPF_STRUCT_OPS(renice_multiplies_enable, struct task_struct *p)
{
	p->scx.dsq_vtime = vtime_now;
}

void BPF_STRUCT_OPS(renice_multiplies_set_weight, struct task_struct *p, u32 weight)
{
	p->scx.dsq_vtime = p->scx.dsq_vtime * weight;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(renice_multiplies_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(renice_multiplies_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(renice_multiplies_ops,
	       .select_cpu = (void *)renice_multiplies_select_cpu,
	       .enqueue = (void *)renice_multiplies_enqueue,
	       .dispatch = (void *)renice_multiplies_dispatch,
	       .running = (void *)renice_multiplies_running,
	       .stopping = (void *)renice_multiplies_stopping,
	       .enable = (void *)renice_multiplies_enable,
	       .set_weight = (void *)renice_multiplies_set_weight,
	       .init = (void *)renice_multiplies_init,
	       .exit = (void *)renice_multiplies_exit,
	       .timeout_ms = 30000,
	       .name = "renice_multiplies");
