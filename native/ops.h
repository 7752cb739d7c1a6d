/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's sched_ext_ops before it is loaded: what the node imposes on it. */
#ifndef SCHEDCP_OPS_H
#define SCHEDCP_OPS_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#define OPS_NAME_BYTES 128

struct imposed {
	char name[OPS_NAME_BYTES];
	uint32_t timeout_ms;
	bool partial;
	uint64_t hotplug_seq;
};

/* The one sched_ext_ops of the object; anything else that could act is a fault (stage `open`). */
struct bpf_map *find_ops(struct bpf_object *object);

/* Overwrites members of it. Returns the bits of `flags` that were masked off. */
uint64_t impose(struct bpf_object *object, struct bpf_map *ops, const struct imposed *imposed);

#endif
