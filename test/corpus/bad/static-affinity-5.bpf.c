// expect: reject static static/affinity
// Dispatch hands the first that waits to the next CPU, whichever that is.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u64 turn;

s32 BPF_STRUCT_OPS(handing_on_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(handing_on_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(handing_on_dispatch, s32 cpu, struct task_struct *prev)
{
	s32 next = __sync_fetch_and_add(&turn, 1) % scx_bpf_nr_cpu_ids();
	struct bpf_iter_scx_dsq it;
	struct task_struct *p;

	if (!bpf_iter_scx_dsq_new(&it, 0, 0)) {
		p = bpf_iter_scx_dsq_next(&it);
		if (p)
			scx_bpf_dsq_move(&it, p, SCX_DSQ_LOCAL_ON | next, 0);
	}
	bpf_iter_scx_dsq_destroy(&it);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(handing_on_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(handing_on_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(handing_on_ops,
	       .select_cpu = (void *)handing_on_select_cpu,
	       .enqueue = (void *)handing_on_enqueue,
	       .dispatch = (void *)handing_on_dispatch,
	       .init = (void *)handing_on_init,
	       .exit = (void *)handing_on_exit,
	       .timeout_ms = 30000,
	       .name = "handing_on");
