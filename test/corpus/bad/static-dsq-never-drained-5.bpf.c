// expect: reject static static/dsq-never-drained
// Greedy tasks are moved to a penalty queue from which nobody lets them out.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define PENALTY_DSQ 99

s32 BPF_STRUCT_OPS(penalty_box_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(penalty_box_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(penalty_box_dispatch, s32 cpu, struct task_struct *prev)
{
	struct bpf_iter_scx_dsq it;
	struct task_struct *p;
	int i;

	if (!bpf_iter_scx_dsq_new(&it, 0, 0)) {
		bpf_for(i, 0, 8) {
			p = bpf_iter_scx_dsq_next(&it);
			if (!p)
				break;
			if (p->se.sum_exec_runtime > NSEC_PER_SEC)
				scx_bpf_dsq_move(&it, p, PENALTY_DSQ, 0);
		}
	}
	bpf_iter_scx_dsq_destroy(&it);
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(penalty_box_init)
{
	s32 error = scx_bpf_create_dsq(0, -1);

	return error ?: scx_bpf_create_dsq(PENALTY_DSQ, -1);
}

void BPF_STRUCT_OPS(penalty_box_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(penalty_box_ops,
	       .select_cpu = (void *)penalty_box_select_cpu,
	       .enqueue = (void *)penalty_box_enqueue,
	       .dispatch = (void *)penalty_box_dispatch,
	       .init = (void *)penalty_box_init,
	       .exit = (void *)penalty_box_exit,
	       .timeout_ms = 30000,
	       .name = "penalty_box");
