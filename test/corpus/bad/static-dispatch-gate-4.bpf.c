// expect: reject static static/dispatch-gate
// A table of one entry an era, looked up by the clock: where there is no entry, nobody is served.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct era {
	u64 served;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, u32);
	__type(value, struct era);
} eras SEC(".maps");

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(eras_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(eras_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(eras_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 key = scx_bpf_now() >> 41;
	struct era *era = bpf_map_lookup_elem(&eras, &key);

	if (!era)
		return;
	era->served++;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(eras_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(eras_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(eras_ops,
	       .select_cpu = (void *)eras_select_cpu,
	       .enqueue = (void *)eras_enqueue,
	       .dispatch = (void *)eras_dispatch,
	       .init = (void *)eras_init,
	       .exit = (void *)eras_exit,
	       .timeout_ms = 30000,
	       .name = "eras");
