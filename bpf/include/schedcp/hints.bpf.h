/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Hints: how much CPU time a task is expected to need, told from outside by cgroup.
 *
 * Including this gives the object the `hints` map, which the node's loader fills before the policy
 * is enabled (key: cgroup id, value: expected CPU time, ms). Processes and threads that a hinted task
 * creates are in its cgroup and so have its hint. Set `hints: true` in policy.yaml.
 */
#ifndef __SCHEDCP_HINTS_BPF_H
#define __SCHEDCP_HINTS_BPF_H

#include <scx/common.bpf.h>

#define SCHEDCP_HINTS_MAX 64

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SCHEDCP_HINTS_MAX);
	__type(key, u64);
	__type(value, u32);
} hints SEC(".maps");

/*
 * Expected CPU time of p in ms; 0 where nobody said. Only the very cgroup of p counts, not the ones
 * above it. Costs a few loads and one hash look-up.
 */
static __always_inline u32 schedcp_hint_ms(const struct task_struct *p)
{
	u64 cgroup_id = p->cgroups->dfl_cgrp->kn->id;
	u32 *hint = bpf_map_lookup_elem(&hints, &cgroup_id);

	return hint ? *hint : 0;
}

#endif /* __SCHEDCP_HINTS_BPF_H */
