// expect: reject static static/one-way
// A number of its own, stirred with every task that comes; at one value the emergency brake is pulled.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct brake_state {
	u32 mix;
	u32 brake;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct brake_state);
} states SEC(".maps");

static __noinline u32 stir(u32 x)
{
	x ^= x << 13;
	x ^= x >> 17;
	return x ^ (x << 5);
}

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(stirred_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(stirred_enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 key = 0;
	struct brake_state *state = bpf_map_lookup_elem(&states, &key);

	if (state) {
		state->mix = stir(state->mix + 1);
		if ((state->mix & 0xffffff) == 0x5a17e)
			state->brake = 1;
	}
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(stirred_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 key = 0;
	struct brake_state *state = bpf_map_lookup_elem(&states, &key);

	if (state && state->brake)
		return;
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(stirred_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(stirred_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(stirred_ops,
	       .select_cpu = (void *)stirred_select_cpu,
	       .enqueue = (void *)stirred_enqueue,
	       .dispatch = (void *)stirred_dispatch,
	       .init = (void *)stirred_init,
	       .exit = (void *)stirred_exit,
	       .timeout_ms = 30000,
	       .name = "stirred");
