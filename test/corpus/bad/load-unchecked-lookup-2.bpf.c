// expect: reject load load/unchecked-lookup
// The check for NULL stands after the first use.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct cpu_ctx {
	u64 nr_queued;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, struct cpu_ctx);
} cpu_ctxs SEC(".maps");

static struct cpu_ctx *ctx_of(u32 cpu)
{
	return bpf_map_lookup_elem(&cpu_ctxs, &cpu);
}

void BPF_STRUCT_OPS(latecheck_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct cpu_ctx *cctx = ctx_of(scx_bpf_task_cpu(p));
	u64 queued = cctx->nr_queued;

	if (!cctx)
		return;
	cctx->nr_queued = queued + 1;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(latecheck_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(latecheck_ops,
	       .enqueue = (void *)latecheck_enqueue,
	       .exit = (void *)latecheck_exit,
	       .name = "latecheck");
