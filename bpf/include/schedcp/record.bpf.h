/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * A policy that records its own callbacks. Include this before the ops are defined: every op that
 * BPF_STRUCT_OPS or BPF_STRUCT_OPS_SLEEPABLE defines from then on first adds a record to the global
 * `schedcp_records`, which the node's `policy.read-map` reads. The policy's decisions stay the same; an op
 * is recognised by its name, <policy>_<op>.
 *
 * Not for production: each callback costs an atomic addition and 40 bytes, until the records are full.
 */
#ifndef __SCHEDCP_RECORD_BPF_H
#define __SCHEDCP_RECORD_BPF_H

#include <scx/common.bpf.h>

#define SCHEDCP_RECORDS_MAX 16384

struct schedcp_record {
	u64 time_ns; /* bpf_ktime_get_ns() */
	u64 flags; /* wake, enqueue or dequeue flags; `runnable` of stopping; exit kind; idle; weight */
	s32 pid; /* 0: the op has no task */
	u16 cpu; /* that the callback ran on, or its argument */
	u8 op; /* position in schedcp_record_op() */
	u8 queued; /* SCX_TASK_QUEUED of the task: whether it wants a CPU */
	char comm[16];
};

/* Records beyond the last are counted and not kept. */
struct {
	u64 count;
	struct schedcp_record entries[SCHEDCP_RECORDS_MAX];
} schedcp_records;

/* Only tasks whose name begins with it, and ops without a task; empty: all. */
const volatile char schedcp_record_comm[16] = "";

static __always_inline bool ___record_ends(const char *name, u32 length, const char *op, u32 op_length)
{
	return length > op_length && !__builtin_memcmp(name + length - op_length, op, op_length);
}

/* A number known at compile time: the order is that of struct sched_ext_ops. Longer names first. */
#define ___RECORD_OP(op, number) \
	if (___record_ends(name, length, "_" op, sizeof("_" op) - 1)) \
		return number;
static __always_inline int schedcp_record_op(const char *name, u32 length)
{
	___RECORD_OP("select_cpu", 0)
	___RECORD_OP("enqueue", 1)
	___RECORD_OP("dequeue", 2)
	___RECORD_OP("dispatch", 3)
	___RECORD_OP("tick", 4)
	___RECORD_OP("runnable", 5)
	___RECORD_OP("running", 6)
	___RECORD_OP("stopping", 7)
	___RECORD_OP("quiescent", 8)
	___RECORD_OP("yield", 9)
	___RECORD_OP("cgroup_set_weight", 25)
	___RECORD_OP("set_weight", 11)
	___RECORD_OP("set_cpumask", 12)
	___RECORD_OP("update_idle", 13)
	___RECORD_OP("cpu_acquire", 14)
	___RECORD_OP("cpu_release", 15)
	___RECORD_OP("init_task", 16)
	___RECORD_OP("exit_task", 17)
	___RECORD_OP("enable", 18)
	___RECORD_OP("disable", 19)
	___RECORD_OP("cgroup_init", 20)
	___RECORD_OP("cgroup_exit", 21)
	___RECORD_OP("cgroup_prep_move", 22)
	___RECORD_OP("cgroup_move", 23)
	___RECORD_OP("init", 30)
	___RECORD_OP("exit", 31)
	return -1;
}

static __always_inline bool ___record_wanted(const struct task_struct *p)
{
	for (int i = 0; i < 8; i++) {
		if (!schedcp_record_comm[i])
			return true;
		if (schedcp_record_comm[i] != p->comm[i])
			return false;
	}
	return true;
}

static __always_inline void ___record_add(u8 op, struct task_struct *p, u16 cpu, u64 flags)
{
	struct schedcp_record *record;
	u64 index;

	if (p && !___record_wanted(p))
		return;
	index = __sync_fetch_and_add(&schedcp_records.count, 1);
	if (index >= SCHEDCP_RECORDS_MAX)
		return;
	record = &schedcp_records.entries[index];
	record->time_ns = bpf_ktime_get_ns();
	record->flags = flags;
	record->cpu = cpu;
	record->op = op;
	if (!p)
		return;
	record->pid = p->pid;
	record->queued = !!(p->scx.flags & SCX_TASK_QUEUED);
	__builtin_memcpy(record->comm, p->comm, sizeof(record->comm));
}

/* `ctx` holds the op's arguments, which the verifier knows the types of; `op` is a constant. */
static __always_inline void schedcp_record(int op, unsigned long long *ctx)
{
	u16 cpu = bpf_get_smp_processor_id();

	switch (op) {
	case 0: /* select_cpu(p, prev_cpu, wake_flags) */
		___record_add(op, (void *)ctx[0], cpu, ctx[2]);
		break;
	case 3: /* dispatch(cpu, prev): prev may be NULL, and is then nobody's */
		if (ctx[1])
			___record_add(op, (void *)ctx[1], ctx[0], 0);
		break;
	case 1: case 2: case 5: case 7: case 8: case 11: /* (p, flags) */
		___record_add(op, (void *)ctx[0], cpu, ctx[1]);
		break;
	case 4: case 6: case 9: case 12: case 16: case 17: case 18: case 19: case 22: case 23: /* (p, …) */
		___record_add(op, (void *)ctx[0], cpu, 0);
		break;
	case 13: /* update_idle(cpu, idle) */
		___record_add(op, NULL, ctx[0], ctx[1]);
		break;
	case 14: case 15:
		___record_add(op, NULL, ctx[0], 0);
		break;
	case 20: case 21: case 25: case 30:
		___record_add(op, NULL, cpu, 0);
		break;
	case 31: /* exit(info) */
		___record_add(op, NULL, cpu, ((struct scx_exit_info *)ctx[0])->kind);
		break;
	}
}

/* BPF_PROG of bpf_tracing.h, with the record before the policy's own code. */
#define ___RECORDED_PROG(name, args...) \
	name(unsigned long long *ctx); \
	static __always_inline typeof(name(0)) ____##name(unsigned long long *ctx, ##args); \
	typeof(name(0)) name(unsigned long long *ctx) \
	{ \
		schedcp_record(schedcp_record_op(#name, sizeof(#name) - 1), ctx); \
		_Pragma("GCC diagnostic push") \
		_Pragma("GCC diagnostic ignored \"-Wint-conversion\"") \
		return ____##name(___bpf_ctx_cast(args)); \
		_Pragma("GCC diagnostic pop") \
	} \
	static __always_inline typeof(name(0)) ____##name(unsigned long long *ctx, ##args)

#undef BPF_STRUCT_OPS
#define BPF_STRUCT_OPS(name, args...) SEC("struct_ops/" #name) ___RECORDED_PROG(name, ##args)
#undef BPF_STRUCT_OPS_SLEEPABLE
#define BPF_STRUCT_OPS_SLEEPABLE(name, args...) SEC("struct_ops.s/" #name) ___RECORDED_PROG(name, ##args)

#endif /* __SCHEDCP_RECORD_BPF_H */
