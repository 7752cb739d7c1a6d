// expect: reject static static/callback-cost
// Sums up a long history whenever the kernel asks for a dump.
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, u64);
} history SEC(".maps");

s32 BPF_STRUCT_OPS(summing_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(summing_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(summing_dump, struct scx_dump_ctx *dump)
{
	u64 sum = 0;
	u32 from, at;

	bpf_for(from, 0, 4096) {
		bpf_for(at, 0, 4096) {
			u32 key = (from + at) % 4096;
			u64 *value = bpf_map_lookup_elem(&history, &key);

			if (value)
				sum += *value;
		}
	}
	scx_bpf_dump("sum %llu\n", sum);
}

void BPF_STRUCT_OPS(summing_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(summing_ops,
	       .select_cpu = (void *)summing_select_cpu,
	       .enqueue = (void *)summing_enqueue,
	       .dump = (void *)summing_dump,
	       .exit = (void *)summing_exit,
	       .name = "summing");
