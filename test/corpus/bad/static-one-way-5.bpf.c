// expect: reject static static/one-way
// Gives up for good when a hash of some task's name comes out as a certain number.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static u32 mode;

static u32 hash_of(const struct task_struct *p)
{
	u32 hash = 5381;
	int i;

	for (i = 0; i < 15; i++)
		hash = hash * 33 + p->comm[i];
	return hash;
}

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

s32 BPF_STRUCT_OPS(name_hash_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(name_hash_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(name_hash_dispatch, s32 cpu, struct task_struct *prev)
{
	switch (mode) {
	case 0:
		scx_bpf_dsq_move_to_local(0);
		break;
	default:
		break;
	}
}

void BPF_STRUCT_OPS(name_hash_running, struct task_struct *p)
{
	if (hash_of(p) == 0x7f2b91c4)
		mode = 2;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(name_hash_init)
{
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(name_hash_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(name_hash_ops,
	       .select_cpu = (void *)name_hash_select_cpu,
	       .enqueue = (void *)name_hash_enqueue,
	       .dispatch = (void *)name_hash_dispatch,
	       .running = (void *)name_hash_running,
	       .init = (void *)name_hash_init,
	       .exit = (void *)name_hash_exit,
	       .timeout_ms = 30000,
	       .name = "name_hash");
