// expect: reject admission admission/call
// Does its bookkeeping in a workqueue, where nobody watches it.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);

struct work {
	struct bpf_wq wq;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct work);
} works SEC(".maps");

extern int bpf_wq_init(struct bpf_wq *wq, void *p__map, unsigned int flags) __weak __ksym;

s32 BPF_STRUCT_OPS(deferrer_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(deferrer_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(deferrer_init)
{
	u32 key = 0;
	struct work *work = bpf_map_lookup_elem(&works, &key);

	return work ? bpf_wq_init(&work->wq, &works, 0) : -1;
}

void BPF_STRUCT_OPS(deferrer_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(deferrer_ops,
	       .select_cpu = (void *)deferrer_select_cpu,
	       .enqueue = (void *)deferrer_enqueue,
	       .init = (void *)deferrer_init,
	       .exit = (void *)deferrer_exit,
	       .name = "deferrer");
