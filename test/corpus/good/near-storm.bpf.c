// expect: pass
// Kicks in a loop only CPUs that run something lighter, in tick only when others wait; a timer every 10 ms.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define CPUS_MAX 1024

static u32 weights[CPUS_MAX];

struct timer_value {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct timer_value);
} timers SEC(".maps");

static u64 rounds;

static int on_timer(void *map, u32 *key, struct timer_value *value)
{
	rounds++;
	bpf_timer_start(&value->timer, 10 * NSEC_PER_MSEC, 0);
	return 0;
}

s32 BPF_STRUCT_OPS(measured_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(measured_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu;

	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	if (cpu >= 0) {
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
		return;
	}
	bpf_for(cpu, 0, min(scx_bpf_nr_cpu_ids(), (u32)CPUS_MAX)) {
		u32 *weight = ARRAY_ELEM_PTR(weights, cpu, CPUS_MAX);

		if (weight && *weight * 10 < p->scx.weight && bpf_cpumask_test_cpu(cpu, p->cpus_ptr)) {
			scx_bpf_kick_cpu(cpu, SCX_KICK_PREEMPT);
			return;
		}
	}
}

void BPF_STRUCT_OPS(measured_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

void BPF_STRUCT_OPS(measured_tick, struct task_struct *p)
{
	if (p->scx.weight < 10 && scx_bpf_dsq_nr_queued(0) > 8)
		scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_PREEMPT);
}

void BPF_STRUCT_OPS(measured_running, struct task_struct *p)
{
	u32 *weight = ARRAY_ELEM_PTR(weights, scx_bpf_task_cpu(p), CPUS_MAX);

	if (weight)
		*weight = p->scx.weight;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(measured_init)
{
	u32 key = 0;
	struct timer_value *value = bpf_map_lookup_elem(&timers, &key);
	s32 error;

	if (!value)
		return -ENOENT;
	error = bpf_timer_init(&value->timer, &timers, CLOCK_MONOTONIC);
	if (error)
		return error;
	bpf_timer_set_callback(&value->timer, on_timer);
	error = bpf_timer_start(&value->timer, 10 * NSEC_PER_MSEC, 0);
	return error ?: scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(measured_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(measured_ops,
	       .select_cpu = (void *)measured_select_cpu,
	       .enqueue = (void *)measured_enqueue,
	       .dispatch = (void *)measured_dispatch,
	       .tick = (void *)measured_tick,
	       .running = (void *)measured_running,
	       .init = (void *)measured_init,
	       .exit = (void *)measured_exit,
	       .timeout_ms = 30000,
	       .name = "measured");
