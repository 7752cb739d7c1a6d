/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A FIFO as code from before kernel 6.13 writes it: the old names must still compile and load.
 */
#include <scx/common.bpf.h>
#include <scx/compat.bpf.h>
#include <scx/user_exit_info.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define SHARED_DSQ 0

static u64 vtime_now;

struct task_ctx {
	u64 runs;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_ctx);
} task_ctx_stor SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u64));
	__uint(max_entries, 2);
} stats SEC(".maps");

static void count(u32 index)
{
	u64 *value = bpf_map_lookup_elem(&stats, &index);

	if (value)
		(*value)++;
}

s32 BPF_STRUCT_OPS(old_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle) {
		count(0);
		scx_bpf_dispatch(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	}
	return cpu;
}

void BPF_STRUCT_OPS(old_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = bpf_task_storage_get(&task_ctx_stor, p, 0, 0);
	u64 vtime = p->scx.dsq_vtime;

	if (!tctx) {
		scx_bpf_error("no state of %s[%d]", p->comm, p->pid);
		return;
	}
	tctx->runs++;
	count(1);
	if (time_before(vtime, vtime_now - SCX_SLICE_DFL))
		vtime = vtime_now - SCX_SLICE_DFL;
	scx_bpf_dispatch_vtime(p, SHARED_DSQ, SCX_SLICE_DFL, vtime, enq_flags);
}

void BPF_STRUCT_OPS(old_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_consume(SHARED_DSQ);
}

void BPF_STRUCT_OPS(old_running, struct task_struct *p)
{
	if (time_after(p->scx.dsq_vtime, vtime_now))
		vtime_now = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(old_stopping, struct task_struct *p, bool runnable)
{
	u64 used = min(SCX_SLICE_DFL - min(p->scx.slice, (u64)SCX_SLICE_DFL), (u64)SCX_SLICE_DFL);

	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + used * 100 / max(p->scx.weight, 1U));
}

s32 BPF_STRUCT_OPS(old_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	if (!bpf_task_storage_get(&task_ctx_stor, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE))
		return -ENOMEM;
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(old_init)
{
	return scx_bpf_create_dsq(SHARED_DSQ, -1);
}

void BPF_STRUCT_OPS(old_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(old_ops,
	       .select_cpu = (void *)old_select_cpu,
	       .enqueue = (void *)old_enqueue,
	       .dispatch = (void *)old_dispatch,
	       .running = (void *)old_running,
	       .stopping = (void *)old_stopping,
	       .init_task = (void *)old_init_task,
	       .init = (void *)old_init,
	       .exit = (void *)old_exit,
	       .flags = SCX_OPS_ENQ_EXITING,
	       .timeout_ms = 10000,
	       .name = "old_names");
