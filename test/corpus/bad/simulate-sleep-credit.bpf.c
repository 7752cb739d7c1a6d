// expect: reject simulate simulate/starvation
// A sleeper keeps all its old virtual time: after a minute's sleep it has the CPU to itself for as long.
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

s32 BPF_STRUCT_OPS(sleep_credit_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SLICE, 0);
	return cpu;
}

static u64 vtime_now;

struct task_ctx {
	u64 started_at;
};
TASK_STORAGE(task_ctxs, struct task_ctx);

void BPF_STRUCT_OPS(sleep_credit_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert_vtime(p, 0, SLICE, p->scx.dsq_vtime, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(sleep_credit_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(sleep_credit_running, struct task_struct *p)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		tctx->started_at = bpf_ktime_get_ns();
	if (time_before(vtime_now, p->scx.dsq_vtime))
		vtime_now = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(sleep_credit_stopping, struct task_struct *p, bool runnable)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		p->scx.dsq_vtime += (bpf_ktime_get_ns() - tctx->started_at) * 100 / p->scx.weight;
}

void BPF_STRUCT_OPS(sleep_credit_enable, struct task_struct *p)
{
	p->scx.dsq_vtime = vtime_now;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(sleep_credit_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(sleep_credit_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(sleep_credit_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(sleep_credit_ops,
	       .select_cpu = (void *)sleep_credit_select_cpu,
	       .enqueue = (void *)sleep_credit_enqueue,
	       .dispatch = (void *)sleep_credit_dispatch,
	       .running = (void *)sleep_credit_running,
	       .stopping = (void *)sleep_credit_stopping,
	       .enable = (void *)sleep_credit_enable,
	       .init_task = (void *)sleep_credit_init_task,
	       .init = (void *)sleep_credit_init,
	       .exit = (void *)sleep_credit_exit,
	       .timeout_ms = 30000,
	       .name = "sleep_credit");
