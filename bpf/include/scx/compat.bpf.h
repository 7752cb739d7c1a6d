/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * One spelling of the kfuncs whose names or prototypes changed between kernels 6.12 and 7.x.
 * Included through scx/common.bpf.h.
 *
 * Which of them the target kernel has stands in <kfuncs.h> (made from its vmlinux.h), so an object
 * names no kfunc that its kernel lacks: looking for such a one costs the loader as much as all others.
 * A kfunc whose own name has `___` is declared with a local suffix, since libbpf looks a name up
 * without what follows its last `___`.
 */
#ifndef __SCX_COMPAT_BPF_H
#define __SCX_COMPAT_BPF_H

/* Value of an enumerator in the running kernel, 0 where it has none. */
#define __COMPAT_ENUM_OR_ZERO(type, name) \
	({ \
		type ___unused = 0; \
		(void)___unused; \
		bpf_core_enum_value_exists(type, name) ? bpf_core_enum_value(type, name) : 0; \
	})

/* False where the kernel refused (p is not the caller's to place); true on kernels that can't say. */
#ifdef ___KFUNC_scx_bpf_dsq_insert___v2
extern bool scx_bpf_dsq_insert___v2___schedcp(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __weak __ksym;
#endif
static __always_inline bool ___compat_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags)
{
#if defined(___KFUNC_scx_bpf_dsq_insert___v2)
	return scx_bpf_dsq_insert___v2___schedcp(p, dsq_id, slice, enq_flags);
#elif defined(___KFUNC_scx_bpf_dsq_insert)
	scx_bpf_dsq_insert(p, dsq_id, slice, enq_flags);
	return true;
#else
	scx_bpf_dispatch(p, dsq_id, slice, enq_flags);
	return true;
#endif
}

/* Structures of our own, alike: the kernel's would make a relocation of every store. */
#ifdef ___KFUNC___scx_bpf_dsq_insert_vtime
struct scx_bpf_dsq_insert_vtime_args___schedcp { u64 dsq_id, slice, vtime, enq_flags; };
extern bool __scx_bpf_dsq_insert_vtime___schedcp(struct task_struct *p, struct scx_bpf_dsq_insert_vtime_args___schedcp *args) __weak __ksym;
#endif
static __always_inline bool ___compat_dsq_insert_vtime(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime, u64 enq_flags)
{
#if defined(___KFUNC___scx_bpf_dsq_insert_vtime)
	struct scx_bpf_dsq_insert_vtime_args___schedcp args = {
		.dsq_id = dsq_id, .slice = slice, .vtime = vtime, .enq_flags = enq_flags,
	};

	return __scx_bpf_dsq_insert_vtime___schedcp(p, &args);
#elif defined(___KFUNC_scx_bpf_dsq_insert_vtime)
	scx_bpf_dsq_insert_vtime(p, dsq_id, slice, vtime, enq_flags);
	return true;
#else
	scx_bpf_dispatch_vtime(p, dsq_id, slice, vtime, enq_flags);
	return true;
#endif
}

#ifdef ___KFUNC_scx_bpf_dsq_move_to_local___v2
extern bool scx_bpf_dsq_move_to_local___v2___schedcp(u64 dsq_id, u64 enq_flags) __weak __ksym;
#endif
static __always_inline bool ___compat_dsq_move_to_local(u64 dsq_id, u64 enq_flags)
{
#if defined(___KFUNC_scx_bpf_dsq_move_to_local___v2)
	return scx_bpf_dsq_move_to_local___v2___schedcp(dsq_id, enq_flags);
#elif defined(___KFUNC_scx_bpf_dsq_move_to_local)
	return scx_bpf_dsq_move_to_local(dsq_id);
#else
	return scx_bpf_consume(dsq_id);
#endif
}

#ifdef ___KFUNC___scx_bpf_select_cpu_and
struct scx_bpf_select_cpu_and_args___schedcp { s32 prev_cpu; u64 wake_flags, flags; };
extern s32 __scx_bpf_select_cpu_and___schedcp(struct task_struct *p, const struct cpumask *cpus_allowed, struct scx_bpf_select_cpu_and_args___schedcp *args) __weak __ksym;
#endif
static __always_inline s32 ___compat_select_cpu_and(struct task_struct *p, s32 prev_cpu, u64 wake_flags, const struct cpumask *allowed, u64 flags)
{
#if defined(___KFUNC___scx_bpf_select_cpu_and)
	struct scx_bpf_select_cpu_and_args___schedcp args = {
		.prev_cpu = prev_cpu, .wake_flags = wake_flags, .flags = flags,
	};

	return __scx_bpf_select_cpu_and___schedcp(p, allowed, &args);
#elif defined(___KFUNC_scx_bpf_select_cpu_and)
	return scx_bpf_select_cpu_and(p, prev_cpu, wake_flags, allowed, flags);
#else
	extern s32 scx_bpf_select_cpu_and___schedcp(struct task_struct *p, s32 prev_cpu, u64 wake_flags, const struct cpumask *allowed, u64 flags) __weak __ksym;

	return scx_bpf_select_cpu_and___schedcp(p, prev_cpu, wake_flags, allowed, flags);
#endif
}

static __always_inline void ___compat_task_set_slice(struct task_struct *p, u64 slice)
{
#ifdef ___KFUNC_scx_bpf_task_set_slice
	scx_bpf_task_set_slice(p, slice);
#else
	p->scx.slice = slice;
#endif
}

static __always_inline void ___compat_task_set_dsq_vtime(struct task_struct *p, u64 vtime)
{
#ifdef ___KFUNC_scx_bpf_task_set_dsq_vtime
	scx_bpf_task_set_dsq_vtime(p, vtime);
#else
	p->scx.dsq_vtime = vtime;
#endif
}

static __always_inline u64 ___compat_now(void)
{
#ifdef ___KFUNC_scx_bpf_now
	return scx_bpf_now();
#else
	return bpf_ktime_get_ns();
#endif
}

#define scx_bpf_dsq_insert(p, dsq_id, slice, enq_flags) ___compat_dsq_insert(p, dsq_id, slice, enq_flags)
#define scx_bpf_dsq_insert_vtime(p, dsq_id, slice, vtime, enq_flags) \
	___compat_dsq_insert_vtime(p, dsq_id, slice, vtime, enq_flags)
#define scx_bpf_select_cpu_and(p, prev_cpu, wake_flags, allowed, flags) \
	___compat_select_cpu_and(p, prev_cpu, wake_flags, allowed, flags)
#define scx_bpf_task_set_slice(p, slice) ___compat_task_set_slice(p, slice)
#define scx_bpf_task_set_dsq_vtime(p, vtime) ___compat_task_set_dsq_vtime(p, vtime)
#define scx_bpf_now() ___compat_now()

/* With one argument or two. */
#define ___move_to_local_1(dsq_id) ___compat_dsq_move_to_local(dsq_id, 0)
#define ___move_to_local_2(dsq_id, enq_flags) ___compat_dsq_move_to_local(dsq_id, enq_flags)
#define ___move_to_local_pick(_1, _2, name, ...) name
#define scx_bpf_dsq_move_to_local(args...) \
	___move_to_local_pick(args, ___move_to_local_2, ___move_to_local_1)(args)

/* Names from before 6.13. */
#define scx_bpf_dispatch(p, dsq_id, slice, enq_flags) scx_bpf_dsq_insert(p, dsq_id, slice, enq_flags)
#define scx_bpf_dispatch_vtime(p, dsq_id, slice, vtime, enq_flags) \
	scx_bpf_dsq_insert_vtime(p, dsq_id, slice, vtime, enq_flags)
#define scx_bpf_consume(dsq_id) ___compat_dsq_move_to_local(dsq_id, 0)
#define scx_bpf_dispatch_from_dsq(it, p, dsq_id, enq_flags) scx_bpf_dsq_move(it, p, dsq_id, enq_flags)
#define scx_bpf_dispatch_vtime_from_dsq(it, p, dsq_id, enq_flags) scx_bpf_dsq_move_vtime(it, p, dsq_id, enq_flags)

/* Explicitly compatible spellings that published schedulers use. */
#define __COMPAT_scx_bpf_dsq_insert(args...) scx_bpf_dsq_insert(args)
#define __COMPAT_scx_bpf_dsq_insert_vtime(args...) scx_bpf_dsq_insert_vtime(args)
#define __COMPAT_scx_bpf_dsq_move_to_local(args...) scx_bpf_dsq_move_to_local(args)
#define __COMPAT_scx_bpf_dsq_move(it, p, dsq_id, enq_flags) scx_bpf_dsq_move(it, p, dsq_id, enq_flags)
#define __COMPAT_scx_bpf_dsq_move_vtime(it, p, dsq_id, enq_flags) scx_bpf_dsq_move_vtime(it, p, dsq_id, enq_flags)
#define __COMPAT_scx_bpf_dsq_move_set_slice(it, slice) scx_bpf_dsq_move_set_slice(it, slice)
#define __COMPAT_scx_bpf_dsq_move_set_vtime(it, vtime) scx_bpf_dsq_move_set_vtime(it, vtime)
#define __COMPAT_scx_bpf_cpu_curr(cpu) scx_bpf_cpu_curr(cpu)
#define __COMPAT_is_enq_cpu_selected(enq_flags) \
	(!bpf_core_enum_value_exists(enum scx_enq_flags, SCX_ENQ_CPU_SELECTED) || \
	 ((enq_flags) & SCX_ENQ_CPU_SELECTED))

#endif /* __SCX_COMPAT_BPF_H */
