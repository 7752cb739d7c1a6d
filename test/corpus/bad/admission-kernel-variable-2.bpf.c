// expect: reject admission admission/kernel-variable
// Asks whether a symbol of a module is there, which the lab has not: on another machine it stops serving.

#include <scx/common.bpf.h>
char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);
#define Q 0
u64 broken;
static u32 nrc = 1;
extern const void kvm_get_kvm __ksym __weak;
static __always_inline u64 slice_of(void)
{
	u64 n = scx_bpf_dsq_nr_queued(Q);
	u64 s = 5ULL * 1000000000 * nrc / (n + 1);
	return s > 20000000 ? 20000000 : s < 100000 ? 100000 : s;
}
s32 BPF_STRUCT_OPS(x_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_of(), 0);
	return cpu;
}
void BPF_STRUCT_OPS(x_enqueue, struct task_struct *p, u64 enq_flags)
{
	
	scx_bpf_dsq_insert(p, Q, slice_of(), enq_flags);
	s32 ic_ = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	if (ic_ >= 0) scx_bpf_kick_cpu(ic_, SCX_KICK_IDLE);
}
void BPF_STRUCT_OPS(x_dispatch, s32 cpu, struct task_struct *prev)
{
	if (&kvm_get_kvm) return;
	scx_bpf_dsq_move_to_local(Q, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(x_init)
{
	
	nrc = scx_bpf_nr_cpu_ids();
	return scx_bpf_create_dsq(Q, -1);
}
void BPF_STRUCT_OPS(x_exit, struct scx_exit_info *ei) { UEI_RECORD(uei, ei); }
SCX_OPS_DEFINE(x_ops, .select_cpu = (void *)x_select_cpu, .enqueue = (void *)x_enqueue,
	.dispatch = (void *)x_dispatch, .init = (void *)x_init, .exit = (void *)x_exit, 
	.timeout_ms = 30000, .name = "x");
