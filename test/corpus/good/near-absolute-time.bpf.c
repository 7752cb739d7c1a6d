// expect: pass
// Ageing by how long a task has waited, figures once a second, a due time that moves on.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_ctx {
	u64 vtime;
	u64 since;
	s32 cpu;
};

TASK_STORAGE(task_ctxs, struct task_ctx);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

static u64 next_report;
static u64 started_at;
u64 reports, uptime_ns;

s32 BPF_STRUCT_OPS(periods_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(periods_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);
	u64 now = scx_bpf_now();

	if (tctx)
		tctx->since = now;
	if (time_after(now, next_report)) {
		next_report = now + NSEC_PER_SEC;
		reports++;
		uptime_ns = now - started_at;
	}
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(periods_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(periods_running, struct task_struct *p)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx && scx_bpf_now() - tctx->since > 2 * NSEC_PER_SEC)
		scx_bpf_task_set_slice(p, 2 * SCX_SLICE_DFL);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(periods_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(periods_init)
{
	started_at = scx_bpf_now();
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(periods_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(periods_ops,
	       .select_cpu = (void *)periods_select_cpu,
	       .enqueue = (void *)periods_enqueue,
	       .dispatch = (void *)periods_dispatch,
	       .running = (void *)periods_running,
	       .init_task = (void *)periods_init_task,
	       .init = (void *)periods_init,
	       .exit = (void *)periods_exit,
	       .timeout_ms = 30000,
	       .name = "periods");
