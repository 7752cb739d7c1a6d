// expect: reject static static/callback-cost
// Nested loops over a table, in every dispatch.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define SIDE 4000

static u64 table[SIDE];

s32 BPF_STRUCT_OPS(table_scan_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(table_scan_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(table_scan_dispatch, s32 cpu, struct task_struct *prev)
{
	u64 best = 0;
	u32 i, j;

	bpf_for(i, 0, SIDE) {
		bpf_for(j, 0, SIDE) {
			u64 *a = ARRAY_ELEM_PTR(table, i, SIDE);
			u64 *b = ARRAY_ELEM_PTR(table, j, SIDE);

			if (a && b && *a + *b > best)
				best = *a + *b;
		}
	}
	if (best)
		table[0] = best;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(table_scan_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(table_scan_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(table_scan_ops,
	       .select_cpu = (void *)table_scan_select_cpu,
	       .enqueue = (void *)table_scan_enqueue,
	       .dispatch = (void *)table_scan_dispatch,
	       .init = (void *)table_scan_init,
	       .exit = (void *)table_scan_exit,
	       .timeout_ms = 30000,
	       .name = "table_scan");
