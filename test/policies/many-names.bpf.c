/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Uses most names that our headers offer, in ways that published schedulers do: all must compile and
 * pass the kernel's verifier.
 */
#include <scx/common.bpf.h>
#include <schedcp/hints.bpf.h>

char _license[] SEC("license") = "GPL";

const volatile bool steal = true;
const volatile u32 slots = 4;

UEI_DEFINE(uei);

#define QUEUE 7
#define QUEUES 4

struct cpu_ctx {
	u64 kicks[4];
};

struct cpu_ctx cpu_ctxs[64];
private(ALLOWED) struct bpf_cpumask __kptr *allowed;

struct task_ctx {
	u64 woken_at;
	u64 history[8];
};

TASK_STORAGE(task_ctxs, struct task_ctx);

static int sum_queued(u32 index, u64 *total)
{
	*total += scx_bpf_dsq_nr_queued(QUEUE + index);
	return 0;
}

s32 BPF_STRUCT_OPS(many_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	s32 cpu = scx_bpf_select_cpu_and(p, prev_cpu, wake_flags, p->cpus_ptr, 0);

	if (likely(cpu >= 0)) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | cpu, SCX_SLICE_DFL, 0);
		return cpu;
	}
	return prev_cpu;
}

void BPF_STRUCT_OPS(many_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_storage_get(task_ctxs, p);
	u64 total = 0, *slot;
	u32 queue = QUEUE + (u32)p->pid % QUEUES;

	bpf_loop(QUEUES, sum_queued, &total, 0);
	if (tctx) {
		slot = MEMBER_VPTR(*tctx, .history[p->pid & 15]);
		if (slot)
			*slot = schedcp_hint_ms(p) + log2_u64(total) + log2_u32(slots);
		tctx->woken_at = scx_bpf_now();
	}
	if (!scx_bpf_dsq_insert_vtime(p, queue, clamp(total, 1000000ULL, 20000000ULL), p->scx.dsq_vtime, enq_flags))
		return;
	bpf_rcu_read_lock();
	if (allowed) {
		s32 cpu = scx_bpf_pick_idle_cpu(cast_mask(allowed), 0);
		struct cpu_ctx *cctx = ARRAY_ELEM_PTR(cpu_ctxs, cpu, ARRAY_SIZE(cpu_ctxs));

		if (cpu >= 0 && cctx) {
			cctx->kicks[0]++;
			scx_bpf_kick_cpu(cpu, __COMPAT_ENUM_OR_ZERO(enum scx_kick_flags, SCX_KICK_IDLE));
		}
	}
	bpf_rcu_read_unlock();
}

void BPF_STRUCT_OPS(many_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;
	s32 i;

	if (steal) {
		bpf_for_each(scx_dsq, p, QUEUE, 0) {
			if (p->flags & PF_EXITING)
				__COMPAT_scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, SCX_DSQ_LOCAL, 0);
			break;
		}
	}
	bpf_for(i, 0, QUEUES) {
		if (scx_bpf_dsq_move_to_local(QUEUE + (u32)(cpu + i) % QUEUES) ||
		    scx_bpf_dsq_move_to_local(QUEUE, 0))
			return;
	}
	if (prev && (prev->scx.flags & SCX_TASK_QUEUED))
		scx_bpf_task_set_slice(prev, SCX_SLICE_DFL);
}

void BPF_STRUCT_OPS(many_tick, struct task_struct *p)
{
	if (time_in_range(p->scx.dsq_vtime, 5, 10) && time_delta(10, 5) > 0 && READ_ONCE(uei.kind))
		scx_bpf_exit(0, "done with %d", p->pid);
}

void BPF_STRUCT_OPS(many_dump, struct scx_dump_ctx *dctx)
{
	scx_bpf_dump("kicks of CPU 0: %llu\n", cpu_ctxs[0].kicks[0]);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(many_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return task_storage_create(task_ctxs, p) ? 0 : -ENOMEM;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(many_init)
{
	struct bpf_cpumask *mask = bpf_cpumask_create();
	s32 error, i;

	if (!mask)
		return -ENOMEM;
	bpf_cpumask_setall(mask);
	mask = bpf_kptr_xchg(&allowed, mask);
	if (mask)
		bpf_cpumask_release(mask);
	bpf_for(i, 0, QUEUES) {
		error = scx_bpf_create_dsq(QUEUE + i, -1);
		if (error)
			return error;
	}
	bpf_repeat(2)
		bpf_printk("many_names: %d queues", QUEUES);
	return 0;
}

void BPF_STRUCT_OPS(many_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(many_ops,
	       .select_cpu = (void *)many_select_cpu,
	       .enqueue = (void *)many_enqueue,
	       .dispatch = (void *)many_dispatch,
	       .tick = (void *)many_tick,
	       .dump = (void *)many_dump,
	       .init_task = (void *)many_init_task,
	       .init = (void *)many_init,
	       .exit = (void *)many_exit,
	       .name = "many_names");
