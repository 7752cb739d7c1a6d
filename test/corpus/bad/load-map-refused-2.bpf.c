// expect: reject load load/map-refused
// Task storage is declared without the flag that it needs.

#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

struct task_ctx {
	u64 vtime;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__type(key, int);
	__type(value, struct task_ctx);
} task_ctxs SEC(".maps");

void BPF_STRUCT_OPS(stored_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = bpf_task_storage_get(&task_ctxs, p, NULL, 0);

	if (tctx)
		tctx->vtime += p->scx.slice;
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

void BPF_STRUCT_OPS(stored_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(stored_ops,
	       .enqueue = (void *)stored_enqueue,
	       .exit = (void *)stored_exit,
	       .name = "stored");
