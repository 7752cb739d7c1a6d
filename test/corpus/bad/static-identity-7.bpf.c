// expect: reject static static/identity
// A knob for names that should run short, with a database's name in it already.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

/* Programs with short slices. */
const volatile char short_name[16] = "postgres";

static bool is_listed(const struct task_struct *p)
{
	int i;

	bpf_for(i, 0, 15) {
		if (!short_name[i])
			return true;
		if (short_name[i] != p->comm[i & 15])
			return false;
	}
	return true;
}

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(short_names_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(short_names_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = is_listed(p) ? 100 * NSEC_PER_USEC : SCX_SLICE_DFL;

	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(short_names_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(short_names_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(short_names_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(short_names_ops,
	       .select_cpu = (void *)short_names_select_cpu,
	       .enqueue = (void *)short_names_enqueue,
	       .dispatch = (void *)short_names_dispatch,
	       .init = (void *)short_names_init,
	       .exit = (void *)short_names_exit,
	       .timeout_ms = 30000,
	       .name = "short_names");
