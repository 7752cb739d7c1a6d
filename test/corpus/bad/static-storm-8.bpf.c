// expect: reject static static/storm
// A timer for each task, every two milliseconds.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_alarm {
	struct bpf_timer timer;
	u64 rings;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, s32);
	__type(value, struct task_alarm);
} alarms SEC(".maps");

static int on_alarm(void *map, s32 *pid, struct task_alarm *alarm)
{
	alarm->rings++;
	bpf_timer_start(&alarm->timer, 2 * NSEC_PER_MSEC, 0);
	return 0;
}

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(alarm_clocks_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(alarm_clocks_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(alarm_clocks_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS(alarm_clocks_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	struct task_alarm fresh = {};
	struct task_alarm *alarm;
	s32 pid = p->pid;

	bpf_map_update_elem(&alarms, &pid, &fresh, BPF_ANY);
	alarm = bpf_map_lookup_elem(&alarms, &pid);
	if (!alarm)
		return -ENOMEM;
	bpf_timer_init(&alarm->timer, &alarms, CLOCK_MONOTONIC);
	bpf_timer_set_callback(&alarm->timer, on_alarm);
	bpf_timer_start(&alarm->timer, 2 * NSEC_PER_MSEC, 0);
	return 0;
}

void BPF_STRUCT_OPS(alarm_clocks_exit_task, struct task_struct *p, struct scx_exit_task_args *args)
{
	s32 pid = p->pid;

	bpf_map_delete_elem(&alarms, &pid);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(alarm_clocks_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(alarm_clocks_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(alarm_clocks_ops,
	       .select_cpu = (void *)alarm_clocks_select_cpu,
	       .enqueue = (void *)alarm_clocks_enqueue,
	       .dispatch = (void *)alarm_clocks_dispatch,
	       .init_task = (void *)alarm_clocks_init_task,
	       .exit_task = (void *)alarm_clocks_exit_task,
	       .init = (void *)alarm_clocks_init,
	       .exit = (void *)alarm_clocks_exit,
	       .timeout_ms = 30000,
	       .name = "alarm_clocks");
