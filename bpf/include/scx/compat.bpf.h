/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * One spelling of the kfuncs whose names or prototypes changed between kernels 6.12 and 7.x.
 * Included through scx/common.bpf.h.
 *
 * Each variant is declared as a weak symbol with a local suffix: libbpf looks it up without the part
 * after the last `___`, and the verifier drops the branches whose kfunc this kernel lacks.
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

struct scx_bpf_dsq_insert_vtime_args___schedcp { u64 dsq_id, slice, vtime, enq_flags; };
struct scx_bpf_select_cpu_and_args___schedcp { s32 prev_cpu; u64 wake_flags, flags; };

#define ___WEAK __weak __ksym
extern bool scx_bpf_dsq_insert___v2___schedcp(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) ___WEAK;
extern void scx_bpf_dsq_insert___v1(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) ___WEAK;
extern void scx_bpf_dispatch___schedcp(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) ___WEAK;
extern bool __scx_bpf_dsq_insert_vtime___schedcp(struct task_struct *p, struct scx_bpf_dsq_insert_vtime_args___schedcp *args) ___WEAK;
extern void scx_bpf_dsq_insert_vtime___v1(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime, u64 enq_flags) ___WEAK;
extern void scx_bpf_dispatch_vtime___schedcp(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime, u64 enq_flags) ___WEAK;
extern bool scx_bpf_dsq_move_to_local___v2___schedcp(u64 dsq_id, u64 enq_flags) ___WEAK;
extern bool scx_bpf_dsq_move_to_local___v1(u64 dsq_id) ___WEAK;
extern bool scx_bpf_consume___schedcp(u64 dsq_id) ___WEAK;
extern s32 __scx_bpf_select_cpu_and___schedcp(struct task_struct *p, const struct cpumask *cpus_allowed, struct scx_bpf_select_cpu_and_args___schedcp *args) ___WEAK;
extern s32 scx_bpf_select_cpu_and___v1(struct task_struct *p, s32 prev_cpu, u64 wake_flags, const struct cpumask *cpus_allowed, u64 flags) ___WEAK;
extern bool scx_bpf_task_set_slice___schedcp(struct task_struct *p, u64 slice) ___WEAK;
extern bool scx_bpf_task_set_dsq_vtime___schedcp(struct task_struct *p, u64 vtime) ___WEAK;
extern struct task_struct *scx_bpf_dsq_peek___schedcp(u64 dsq_id) ___WEAK;
extern u64 scx_bpf_now___schedcp(void) ___WEAK;

/* False where the kernel refused (p is not the caller's to place); true on kernels that can't say. */
static __always_inline bool ___compat_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_insert___v2___schedcp))
		return scx_bpf_dsq_insert___v2___schedcp(p, dsq_id, slice, enq_flags);
	if (bpf_ksym_exists(scx_bpf_dsq_insert___v1))
		scx_bpf_dsq_insert___v1(p, dsq_id, slice, enq_flags);
	else
		scx_bpf_dispatch___schedcp(p, dsq_id, slice, enq_flags);
	return true;
}

static __always_inline bool ___compat_dsq_insert_vtime(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime, u64 enq_flags)
{
	if (bpf_ksym_exists(__scx_bpf_dsq_insert_vtime___schedcp)) {
		struct scx_bpf_dsq_insert_vtime_args___schedcp args = {
			.dsq_id = dsq_id, .slice = slice, .vtime = vtime, .enq_flags = enq_flags,
		};

		return __scx_bpf_dsq_insert_vtime___schedcp(p, &args);
	}
	if (bpf_ksym_exists(scx_bpf_dsq_insert_vtime___v1))
		scx_bpf_dsq_insert_vtime___v1(p, dsq_id, slice, vtime, enq_flags);
	else
		scx_bpf_dispatch_vtime___schedcp(p, dsq_id, slice, vtime, enq_flags);
	return true;
}

static __always_inline bool ___compat_dsq_move_to_local(u64 dsq_id, u64 enq_flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___v2___schedcp))
		return scx_bpf_dsq_move_to_local___v2___schedcp(dsq_id, enq_flags);
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___v1))
		return scx_bpf_dsq_move_to_local___v1(dsq_id);
	return scx_bpf_consume___schedcp(dsq_id);
}

static __always_inline s32 ___compat_select_cpu_and(struct task_struct *p, s32 prev_cpu, u64 wake_flags, const struct cpumask *allowed, u64 flags)
{
	if (bpf_ksym_exists(__scx_bpf_select_cpu_and___schedcp)) {
		struct scx_bpf_select_cpu_and_args___schedcp args = {
			.prev_cpu = prev_cpu, .wake_flags = wake_flags, .flags = flags,
		};

		return __scx_bpf_select_cpu_and___schedcp(p, allowed, &args);
	}
	return scx_bpf_select_cpu_and___v1(p, prev_cpu, wake_flags, allowed, flags);
}

static __always_inline void ___compat_task_set_slice(struct task_struct *p, u64 slice)
{
	if (bpf_ksym_exists(scx_bpf_task_set_slice___schedcp))
		scx_bpf_task_set_slice___schedcp(p, slice);
	else
		p->scx.slice = slice;
}

static __always_inline void ___compat_task_set_dsq_vtime(struct task_struct *p, u64 vtime)
{
	if (bpf_ksym_exists(scx_bpf_task_set_dsq_vtime___schedcp))
		scx_bpf_task_set_dsq_vtime___schedcp(p, vtime);
	else
		p->scx.dsq_vtime = vtime;
}

static __always_inline u64 ___compat_now(void)
{
	return bpf_ksym_exists(scx_bpf_now___schedcp) ? scx_bpf_now___schedcp() : bpf_ktime_get_ns();
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
