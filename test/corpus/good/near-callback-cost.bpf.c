// expect: pass
// Two loops over CPUs one after the other, a small table in both directions.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

#define CPUS_MAX 1024
#define SIDE 16

static u64 load[CPUS_MAX];
static u64 table[SIDE * SIDE];

s32 BPF_STRUCT_OPS(scanning_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(scanning_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(scanning_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 cpus = min(scx_bpf_nr_cpu_ids(), (u32)CPUS_MAX);
	u64 most = 0, sum = 0;
	u32 i, j;

	bpf_for(i, 0, cpus) {
		u64 *each = ARRAY_ELEM_PTR(load, i, CPUS_MAX);

		if (each)
			sum += *each;
	}
	bpf_for(i, 0, cpus) {
		u64 *each = ARRAY_ELEM_PTR(load, i, CPUS_MAX);

		if (each && *each > most)
			most = *each;
	}
	bpf_for(i, 0, SIDE) {
		bpf_for(j, 0, SIDE) {
			u64 *cell = ARRAY_ELEM_PTR(table, i * SIDE + j, SIDE * SIDE);

			if (cell)
				*cell = sum + most;
		}
	}
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(scanning_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(scanning_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(scanning_ops,
	       .select_cpu = (void *)scanning_select_cpu,
	       .enqueue = (void *)scanning_enqueue,
	       .dispatch = (void *)scanning_dispatch,
	       .init = (void *)scanning_init,
	       .exit = (void *)scanning_exit,
	       .timeout_ms = 30000,
	       .name = "scanning");
