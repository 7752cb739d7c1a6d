/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * How a policy defines its operations and speaks to the sched_ext core.
 * Included through scx/common.bpf.h.
 */
#ifndef __SCX_OPS_BPF_H
#define __SCX_OPS_BPF_H

/* s32 BPF_STRUCT_OPS(fifo_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags) { … } */
#define BPF_STRUCT_OPS(name, args...) SEC("struct_ops/" #name) BPF_PROG(name, ##args)

/* For ops that may sleep: init, exit, init_task, exit_task, cgroup_init, … */
#define BPF_STRUCT_OPS_SLEEPABLE(name, args...) SEC("struct_ops.s/" #name) BPF_PROG(name, ##args)

/* SCX_OPS_DEFINE(fifo_ops, .enqueue = (void *)fifo_enqueue, …, .name = "fifo"); once in a policy. */
#define SCX_OPS_DEFINE(ops, ...) \
	SEC(".struct_ops.link") struct sched_ext_ops ops = { __VA_ARGS__ }

/*
 * A format with its arguments as the core's *_bstr kfuncs take them. The format is writable data,
 * because their parameter is not const; the argument array is never empty.
 */
#define ___schedcp_bstr(call, fmt, args...) \
	({ \
		static char ___fmt[] = fmt; \
		u64 ___args[___bpf_narg(args) ?: 1] = {}; \
		_Pragma("GCC diagnostic push") \
		_Pragma("GCC diagnostic ignored \"-Wint-conversion\"") \
		___bpf_fill(___args, args); \
		_Pragma("GCC diagnostic pop") \
		call(___fmt, ___args, ___bpf_narg(args) * sizeof(u64)); \
	})
#define ___schedcp_error_call(fmt, args, size) scx_bpf_error_bstr(fmt, args, size)
#define ___schedcp_dump_call(fmt, args, size) scx_bpf_dump_bstr(fmt, args, size)

/* Aborts the scheduler: the kernel goes back to its default, with this message as the reason. */
#define scx_bpf_error(fmt, args...) ___schedcp_bstr(___schedcp_error_call, fmt, ##args)

/* Adds a line to the debug dump; only from the dump ops. */
#define scx_bpf_dump(fmt, args...) ___schedcp_bstr(___schedcp_dump_call, fmt, ##args)

/* Leaves without an error. */
#define scx_bpf_exit(code, fmt, args...) \
	({ \
		static char ___fmt[] = fmt; \
		u64 ___args[___bpf_narg(args) ?: 1] = {}; \
		_Pragma("GCC diagnostic push") \
		_Pragma("GCC diagnostic ignored \"-Wint-conversion\"") \
		___bpf_fill(___args, args); \
		_Pragma("GCC diagnostic pop") \
		scx_bpf_exit_bstr(code, ___fmt, ___args, ___bpf_narg(args) * sizeof(u64)); \
	})

#endif /* __SCX_OPS_BPF_H */
