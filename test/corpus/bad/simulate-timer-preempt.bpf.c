// expect: reject simulate simulate/switching
// A timer of 5 µs preempts every CPU: most of the time goes into switching.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct preempt_timer {
	struct bpf_timer timer;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct preempt_timer);
} timers SEC(".maps");

static int expired(void *map, int *key, struct bpf_timer *timer)
{
	s32 cpu;

	bpf_for(cpu, 0, scx_bpf_nr_cpu_ids())
		scx_bpf_kick_cpu(cpu, SCX_KICK_PREEMPT);
	bpf_timer_start(timer, 5 * NSEC_PER_USEC, 0);
	return 0;
}

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(timer_preempt_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(timer_preempt_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(timer_preempt_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(timer_preempt_init)
{
	struct preempt_timer *timer;
	u32 key = 0;
	s32 error = scx_bpf_create_dsq(0, -1);

	if (error)
		return error;
	timer = bpf_map_lookup_elem(&timers, &key);
	if (!timer)
		return -ENOENT;
	bpf_timer_init(&timer->timer, &timers, CLOCK_MONOTONIC);
	bpf_timer_set_callback(&timer->timer, expired);
	return bpf_timer_start(&timer->timer, 5 * NSEC_PER_USEC, 0);
}

void BPF_STRUCT_OPS(timer_preempt_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(timer_preempt_ops,
	       .select_cpu = (void *)timer_preempt_select_cpu,
	       .enqueue = (void *)timer_preempt_enqueue,
	       .dispatch = (void *)timer_preempt_dispatch,
	       .init = (void *)timer_preempt_init,
	       .exit = (void *)timer_preempt_exit,
	       .timeout_ms = 30000,
	       .name = "timer_preempt");
