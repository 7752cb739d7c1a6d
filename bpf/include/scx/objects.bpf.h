/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Types of BPF objects: private sections for locks and graphs, owned nodes, cpumasks, iterators.
 * The kfuncs themselves (bpf_cpumask_*, bpf_task_*, bpf_cgroup_*, bpf_rcu_*) are declared by
 * vmlinux.h. Included through scx/common.bpf.h.
 */
#ifndef __SCX_OBJECTS_BPF_H
#define __SCX_OBJECTS_BPF_H

/* A global that lives in a map of its own, as bpf_spin_lock and graph roots must. */
#define private(name) SEC(".bss." #name) __hidden __attribute__((aligned(8)))

#define __contains(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))

#define bpf_obj_new(type) ((type *)bpf_obj_new_impl(bpf_core_type_id_local(type), NULL))
#define bpf_obj_drop(pointer) bpf_obj_drop_impl(pointer, NULL)
#define bpf_refcount_acquire(pointer) bpf_refcount_acquire_impl(pointer, NULL)
#define bpf_list_push_front(head, node) bpf_list_push_front_impl(head, node, NULL, 0)
#define bpf_list_push_back(head, node) bpf_list_push_back_impl(head, node, NULL, 0)
#define bpf_rbtree_add(root, node, less) bpf_rbtree_add_impl(root, node, less, NULL, 0)

/* A bpf_cpumask where a kfunc wants a plain cpumask. */
static __always_inline const struct cpumask *cast_mask(struct bpf_cpumask *mask)
{
	return (const struct cpumask *)mask;
}

/* The iterator of the enclosing bpf_for_each(), for kfuncs such as scx_bpf_dsq_move(). */
#define BPF_FOR_EACH_ITER (&___it)

/*
 * Map of per-task state, freed with the task. Use:
 *	struct task_ctx { u64 vtime; };
 *	TASK_STORAGE(task_ctxs, struct task_ctx);
 *	struct task_ctx *tctx = task_storage_get(task_ctxs, p);	(NULL where there is none)
 * Create it in init_task, which may sleep, with task_storage_create().
 */
#define TASK_STORAGE(name, value_type) \
	struct { \
		__uint(type, BPF_MAP_TYPE_TASK_STORAGE); \
		__uint(map_flags, BPF_F_NO_PREALLOC); \
		__type(key, int); \
		__type(value, value_type); \
	} name SEC(".maps")

#define task_storage_get(map, p) bpf_task_storage_get(&(map), (p), NULL, 0)
#define task_storage_create(map, p) \
	bpf_task_storage_get(&(map), (p), NULL, BPF_LOCAL_STORAGE_GET_F_CREATE)

#endif /* __SCX_OBJECTS_BPF_H */
