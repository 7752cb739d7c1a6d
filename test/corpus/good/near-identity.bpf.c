// expect: pass
// A task of the waker's own process stays near; names are only counted, and the only favourites are a knob's.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

/* Name of programs with longer slices; empty: none. */
const volatile char favourite[16] = "";

u64 shells;

static bool is_favourite(const struct task_struct *p)
{
	int i;

	if (!favourite[0])
		return false;
	bpf_for(i, 0, 15) {
		if (!favourite[i])
			return true;
		if (favourite[i] != p->comm[i & 15])
			return false;
	}
	return true;
}

s32 BPF_STRUCT_OPS(relatives_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(relatives_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_struct *current = bpf_get_current_task_btf();
	u64 slice = is_favourite(p) ? 40 * NSEC_PER_MSEC : 10 * NSEC_PER_MSEC;

	if (current->tgid == p->tgid)
		slice /= 2;
	scx_bpf_dsq_insert(p, 0, slice, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(relatives_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(relatives_running, struct task_struct *p)
{
	if (p->comm[0] == 's' && p->comm[1] == 'h')
		__sync_fetch_and_add(&shells, 1);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(relatives_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(relatives_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(relatives_ops,
	       .select_cpu = (void *)relatives_select_cpu,
	       .enqueue = (void *)relatives_enqueue,
	       .dispatch = (void *)relatives_dispatch,
	       .running = (void *)relatives_running,
	       .init = (void *)relatives_init,
	       .exit = (void *)relatives_exit,
	       .timeout_ms = 30000,
	       .name = "relatives");
