// expect: pass
// Looks before it takes: at the queue's length, the CPU's own turn and the task that just ran.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define CPUS_MAX 1024

u64 rounds[CPUS_MAX];
u64 nothing;
static bool is_ready;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(looking_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(looking_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(looking_dispatch, s32 cpu, struct task_struct *prev)
{
	u64 *round = ARRAY_ELEM_PTR(rounds, cpu, CPUS_MAX);

	if (!round || !is_ready)
		return;
	(*round)++;
	if (!scx_bpf_dsq_nr_queued(0)) {
		nothing++;
		if (prev && (prev->scx.flags & SCX_TASK_QUEUED))
			scx_bpf_task_set_slice(prev, SCX_SLICE_DFL);
		return;
	}
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(looking_init)
{
	is_ready = true;
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(looking_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(looking_ops,
	       .select_cpu = (void *)looking_select_cpu,
	       .enqueue = (void *)looking_enqueue,
	       .dispatch = (void *)looking_dispatch,
	       .init = (void *)looking_init,
	       .exit = (void *)looking_exit,
	       .timeout_ms = 30000,
	       .name = "looking");
