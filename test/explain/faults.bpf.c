// SPDX-License-Identifier: GPL-2.0-only
/*
 * A first-come first-served scheduler with one fault at will. The dumps in test/explain/dumps come from it:
 * the knob `fault` says what it does wrong to tasks whose name begins with "victim", and its exit op keeps
 * the kernel's dump, for whoever reads the object's memory afterwards. For test guests only.
 */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

enum fault {
	FAULT_NONE,
	FAULT_LOST,
	FAULT_UNDRAINED,
	FAULT_WRONG_CPU,
	FAULT_OWN_ERROR,
	FAULT_UNKNOWN_DSQ,
	FAULT_MIXED_ORDER,
	FAULT_TWICE,
	FAULT_INVALID_CPU,
	FAULT_OWN_EXIT,
	FAULT_INIT_FAILS,
	FAULT_EVERYTHING_LOST,
	FAULT_LOCAL,
	FAULT_VTIME_BUILTIN,
};

/* One of the above. */
const volatile u32 fault = FAULT_NONE;

#define SHARED 0
#define NEVER_DRAINED 100
#define DUMP_BYTES 32768

char dump_text[DUMP_BYTES];
u64 started_ns;

static bool is_victim(struct task_struct *p)
{
	return p->comm[0] == 'v' && p->comm[1] == 'i' && p->comm[2] == 'c' && p->comm[3] == 't';
}

s32 BPF_STRUCT_OPS(faults_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return fault == FAULT_INVALID_CPU && is_victim(p) ? 4000 : prev_cpu;
}

void BPF_STRUCT_OPS(faults_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = 5000000;

	if (fault == FAULT_EVERYTHING_LOST && scx_bpf_now() - started_ns > 2000000000)
		return;
	if (fault == FAULT_LOCAL) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | scx_bpf_task_cpu(p), slice, enq_flags);
		return;
	}
	if (!is_victim(p)) {
		scx_bpf_dsq_insert(p, SHARED, slice, enq_flags);
		return;
	}
	switch (fault) {
	case FAULT_LOST:
		return;
	case FAULT_UNDRAINED:
		scx_bpf_dsq_insert(p, NEVER_DRAINED, slice, enq_flags);
		return;
	case FAULT_WRONG_CPU:
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | 1, slice, enq_flags);
		return;
	case FAULT_OWN_ERROR:
		scx_bpf_error("no room for %s[%d] on CPU %d", p->comm, p->pid, scx_bpf_task_cpu(p));
		return;
	case FAULT_UNKNOWN_DSQ:
		scx_bpf_dsq_insert(p, 12345, slice, enq_flags);
		return;
	case FAULT_MIXED_ORDER:
		/* The first victim waits in order of arrival, the second one by virtual time. */
		if (scx_bpf_dsq_nr_queued(NEVER_DRAINED) == 0)
			scx_bpf_dsq_insert(p, NEVER_DRAINED, slice, enq_flags);
		else
			scx_bpf_dsq_insert_vtime(p, NEVER_DRAINED, slice, 1, enq_flags);
		return;
	case FAULT_VTIME_BUILTIN:
		scx_bpf_dsq_insert_vtime(p, SCX_DSQ_GLOBAL, slice, 1, enq_flags);
		return;
	case FAULT_TWICE:
		scx_bpf_dsq_insert(p, SHARED, slice, enq_flags);
		scx_bpf_dsq_insert(p, SHARED, slice, enq_flags);
		return;
	case FAULT_OWN_EXIT:
		scx_bpf_exit(7, "%s is here: my work is done", p->comm);
		return;
	default:
		scx_bpf_dsq_insert(p, SHARED, slice, enq_flags);
	}
}

void BPF_STRUCT_OPS(faults_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(SHARED);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(faults_init)
{
	s32 error = scx_bpf_create_dsq(SHARED, -1);

	started_ns = scx_bpf_now();
	if (error)
		return error;
	if (fault == FAULT_INIT_FAILS)
		return -ENOMEM;
	return scx_bpf_create_dsq(NEVER_DRAINED, -1);
}

void BPF_STRUCT_OPS(faults_exit, struct scx_exit_info *ei)
{
	bpf_probe_read_kernel_str(dump_text, sizeof(dump_text), ei->dump);
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(faults_ops,
	       .select_cpu = (void *)faults_select_cpu,
	       .enqueue = (void *)faults_enqueue,
	       .dispatch = (void *)faults_dispatch,
	       .init = (void *)faults_init,
	       .exit = (void *)faults_exit,
	       .name = "faults");
