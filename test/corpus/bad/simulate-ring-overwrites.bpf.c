// expect: reject simulate simulate/lost-task
// A ring of 128 places whose writer does not look whether the reader has caught up: waiting tasks are
// overwritten.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define PLACES 128
static s32 ring[PLACES];
static u64 ring_head, ring_tail;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(ring_overwrites_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(ring_overwrites_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 at = __sync_fetch_and_add(&ring_tail, 1);

	ring[at % PLACES] = p->pid;
	kick_idle(p);
}

void BPF_STRUCT_OPS(ring_overwrites_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	u64 at = ring_head;

	if (at == ring_tail)
		return;
	ring_head = at + 1;
	p = bpf_task_from_pid(ring[at % PLACES]);
	if (!p)
		return;
	if (bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	else
		scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, 0);
	bpf_task_release(p);
}

void BPF_STRUCT_OPS(ring_overwrites_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(ring_overwrites_ops,
	       .select_cpu = (void *)ring_overwrites_select_cpu,
	       .enqueue = (void *)ring_overwrites_enqueue,
	       .dispatch = (void *)ring_overwrites_dispatch,
	       .exit = (void *)ring_overwrites_exit,
	       .timeout_ms = 30000,
	       .name = "ring_overwrites");
