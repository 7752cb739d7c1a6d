// expect: pass
// Every early return of enqueue has inserted the task before; a helper says whether it did.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static bool place_idle(struct task_struct *p, u64 enq_flags)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu < 0)
		return false;
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, SCX_SLICE_DFL, enq_flags);
	scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
	return true;
}

s32 BPF_STRUCT_OPS(found_place_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(found_place_enqueue, struct task_struct *p, u64 enq_flags)
{
	bool placed = false;

	if (!(enq_flags & SCX_ENQ_CPU_SELECTED))
		placed = place_idle(p, enq_flags);
	if (p->nr_cpus_allowed == 1 && !placed) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, enq_flags);
		placed = true;
	}
	if (!placed)
		scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(found_place_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(found_place_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(found_place_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(found_place_ops,
	       .select_cpu = (void *)found_place_select_cpu,
	       .enqueue = (void *)found_place_enqueue,
	       .dispatch = (void *)found_place_dispatch,
	       .init = (void *)found_place_init,
	       .exit = (void *)found_place_exit,
	       .timeout_ms = 30000,
	       .name = "found_place");
