/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fifo: one queue for all CPUs, first come first served, equal slices for all.
 *
 * The smallest complete policy: start from it when writing another.
 */
#include <scx/common.bpf.h>
#include <schedcp/preempt.bpf.h>
#include <schedcp/slice.bpf.h>

char _license[] SEC("license") = "GPL";

/* How long a task may run before the next in the queue gets its turn, µs. */
const volatile u64 slice_us = 20000;

#define FIFO_QUEUE 0
/* With very many tasks slices shrink so that a round of the queue takes about this. */
#define FIFO_ROUND_NS (5 * NSEC_PER_SEC)

static u32 nr_cpus = 1;

UEI_DEFINE(uei);

static u64 fifo_slice(void)
{
	return schedcp_slice(slice_us * NSEC_PER_USEC, scx_bpf_dsq_nr_queued(FIFO_QUEUE), nr_cpus,
			     FIFO_ROUND_NS);
}

s32 BPF_STRUCT_OPS(fifo_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, fifo_slice(), 0);
	return cpu;
}

void BPF_STRUCT_OPS(fifo_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, FIFO_QUEUE, fifo_slice(), enq_flags);
	schedcp_kick_idle(p);
}

void BPF_STRUCT_OPS(fifo_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(FIFO_QUEUE, 0);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(fifo_init)
{
	nr_cpus = schedcp_count_cpus();
	return scx_bpf_create_dsq(FIFO_QUEUE, -1);
}

void BPF_STRUCT_OPS(fifo_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(fifo_ops,
	       .select_cpu = (void *)fifo_select_cpu,
	       .enqueue = (void *)fifo_enqueue,
	       .dispatch = (void *)fifo_dispatch,
	       .init = (void *)fifo_init,
	       .exit = (void *)fifo_exit,
	       .timeout_ms = 30000,
	       .name = "fifo");
