// expect: pass
// A bit for each CPU says whether its last task went to sleep; the bit is only a first guess.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

/* CPUs whose last task has gone to sleep; only the first 64 are cached. */
static u64 idle_bits;
u64 hits, misses;

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(idle_cache_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu;

	if (prev_cpu < 64 && (READ_ONCE(idle_bits) & (1ULL << (prev_cpu & 63))) &&
	    bpf_cpumask_test_cpu(prev_cpu, p->cpus_ptr) && scx_bpf_test_and_clear_cpu_idle(prev_cpu)) {
		hits++;
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
		return prev_cpu;
	}
	misses++;
	cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(idle_cache_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(idle_cache_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(idle_cache_running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);

	if (cpu < 64)
		__sync_fetch_and_and(&idle_bits, ~(1ULL << (cpu & 63)));
}

void BPF_STRUCT_OPS(idle_cache_stopping, struct task_struct *p, bool runnable)
{
	s32 cpu = scx_bpf_task_cpu(p);

	if (cpu < 64 && !runnable)
		__sync_fetch_and_or(&idle_bits, 1ULL << (cpu & 63));
}

s32 BPF_STRUCT_OPS_SLEEPABLE(idle_cache_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(idle_cache_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(idle_cache_ops,
	       .select_cpu = (void *)idle_cache_select_cpu,
	       .enqueue = (void *)idle_cache_enqueue,
	       .dispatch = (void *)idle_cache_dispatch,
	       .running = (void *)idle_cache_running,
	       .stopping = (void *)idle_cache_stopping,
	       .init = (void *)idle_cache_init,
	       .exit = (void *)idle_cache_exit,
	       .timeout_ms = 30000,
	       .name = "idle_cache");
