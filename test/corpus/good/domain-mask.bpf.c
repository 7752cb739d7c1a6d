// expect: pass
// A mask of CPUs kept in the policy, made in init; errors only where it is not there.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

static void kick_idle(const struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

private(mask) struct bpf_cpumask __kptr *primary;

#define CPUS_MAX 1024

s32 BPF_STRUCT_OPS(domain_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	const struct cpumask *mask;
	s32 cpu;

	bpf_rcu_read_lock();
	mask = cast_mask(primary);
	if (!mask) {
		bpf_rcu_read_unlock();
		scx_bpf_error("no mask");
		return prev_cpu;
	}
	if (bpf_cpumask_test_cpu(prev_cpu, mask) && scx_bpf_test_and_clear_cpu_idle(prev_cpu)) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
		bpf_rcu_read_unlock();
		return prev_cpu;
	}
	bpf_rcu_read_unlock();
	cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	if (cpu >= 0) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
		return cpu;
	}
	return prev_cpu;
}

void BPF_STRUCT_OPS(domain_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, 0, SCX_SLICE_DFL, enq_flags);
	kick_idle(p);
}

void BPF_STRUCT_OPS(domain_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(domain_init)
{
	struct bpf_cpumask *mask = bpf_cpumask_create();
	u32 cpu;

	if (!mask)
		return -ENOMEM;
	bpf_for(cpu, 0, min(scx_bpf_nr_cpu_ids(), (u32)CPUS_MAX))
		bpf_cpumask_set_cpu(cpu, mask);
	mask = bpf_kptr_xchg(&primary, mask);
	if (mask)
		bpf_cpumask_release(mask);
	return scx_bpf_create_dsq(0, -1);
}

void BPF_STRUCT_OPS(domain_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(domain_ops,
	       .select_cpu = (void *)domain_select_cpu,
	       .enqueue = (void *)domain_enqueue,
	       .dispatch = (void *)domain_dispatch,
	       .init = (void *)domain_init,
	       .exit = (void *)domain_exit,
	       .timeout_ms = 30000,
	       .name = "domain");
