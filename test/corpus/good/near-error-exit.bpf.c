// expect: pass
// Asserts what can't happen: no state though init_task made it, a CPU beyond the array.
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

#define CPUS_MAX 1024

static u64 runs[CPUS_MAX];
static u64 vtime_now;

s32 BPF_STRUCT_OPS(asserting_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(asserting_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (!tctx) {
		scx_bpf_error("no state of %d", p->pid);
		return;
	}
	if (time_before(tctx->vtime, vtime_now - SCX_SLICE_DFL))
		tctx->vtime = vtime_now - SCX_SLICE_DFL;
	scx_bpf_dsq_insert_vtime(p, 0, SCX_SLICE_DFL, tctx->vtime, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(asserting_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(asserting_running, struct task_struct *p)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);
	s32 cpu = scx_bpf_task_cpu(p);
	u64 *count;

	if (tctx && time_before(vtime_now, tctx->vtime))
		vtime_now = tctx->vtime;
	if (cpu >= CPUS_MAX) {
		scx_bpf_error("CPU %d is beyond the array", cpu);
		return;
	}
	count = ARRAY_ELEM_PTR(runs, cpu, CPUS_MAX);
	if (count)
		(*count)++;
}

void BPF_STRUCT_OPS(asserting_stopping, struct task_struct *p, bool runnable)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);

	if (tctx)
		tctx->vtime += (SCX_SLICE_DFL - min(p->scx.slice, SCX_SLICE_DFL)) * 100 / p->scx.weight;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(asserting_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(asserting_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(asserting_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(asserting_ops,
	       .select_cpu = (void *)asserting_select_cpu,
	       .enqueue = (void *)asserting_enqueue,
	       .dispatch = (void *)asserting_dispatch,
	       .running = (void *)asserting_running,
	       .stopping = (void *)asserting_stopping,
	       .init_task = (void *)asserting_init_task,
	       .init = (void *)asserting_init,
	       .exit = (void *)asserting_exit,
	       .timeout_ms = 30000,
	       .name = "asserting");
