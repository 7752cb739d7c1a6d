// SPDX-License-Identifier: Apache-2.0
#include "ops.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bpf-object.h"

#define OPS_TYPE "sched_ext_ops"

#define EXIT_DUMP_BYTES 32768
#define DISPATCH_BATCH_MAX 1024

/*
 * Bits of sched_ext_ops.flags. Their numbers are interface: they have not changed since 6.12, newer
 * kernels add bits at the end and refuse those they don't know.
 */
#define OPS_SWITCH_PARTIAL (1ULL << 3)
#define OPS_FLAGS_SAFE                                                                    \
	(1ULL << 0 /* KEEP_BUILTIN_IDLE */ | 1ULL << 1 /* ENQ_LAST */ |                   \
	 1ULL << 2 /* ENQ_EXITING */ | 1ULL << 4 /* ENQ_MIGRATION_DISABLED */ |           \
	 1ULL << 5 /* ALLOW_QUEUED_WAKEUP */ | 1ULL << 6 /* BUILTIN_IDLE_PER_NODE */ |    \
	 1ULL << 7 /* ALWAYS_ENQ_IMMED */ | 1ULL << 8 /* TID_TO_TASK */)

/* Type of the variable that a struct_ops map was made of, by the map's name. */
static const struct btf_type *ops_type(const struct btf *btf, const char *map_name)
{
	__s32 id = btf__find_by_name_kind(btf, map_name, BTF_KIND_VAR);

	return id < 0 ? NULL : plain_type(btf, btf__type_by_id(btf, id)->type);
}

struct bpf_map *find_ops(struct bpf_object *object)
{
	const struct btf *btf = bpf_object__btf(object);
	struct bpf_map *map, *found = NULL;
	struct bpf_program *program;
	char message[256];

	if (!btf)
		object_fault("open", EINVAL, "the object has no BTF");
	bpf_object__for_each_program(program, object) {
		if (bpf_program__type(program) == BPF_PROG_TYPE_STRUCT_OPS)
			continue;
		snprintf(message, sizeof(message),
			 "program %.64s in section %.64s is not a struct_ops program",
			 bpf_program__name(program), bpf_program__section_name(program));
		object_fault("open", EINVAL, message);
	}
	bpf_object__for_each_map(map, object) {
		const struct btf_type *type;

		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		type = ops_type(btf, bpf_map__name(map));
		if (!type || strcmp(btf__name_by_offset(btf, type->name_off), OPS_TYPE) != 0) {
			snprintf(message, sizeof(message), "%.64s is a struct_ops, but not a " OPS_TYPE,
				 bpf_map__name(map));
			object_fault("open", EINVAL, message);
		}
		if (found)
			object_fault("open", EINVAL, "the object has more than one " OPS_TYPE);
		found = map;
	}
	if (!found)
		object_fault("open", EINVAL,
			     "the object has no " OPS_TYPE " in section .struct_ops.link");
	return found;
}

struct ops_value {
	const struct btf *btf;
	const struct btf_type *type;
	char *bytes;
};

/* Where a member lies in the object's own layout of the struct; NULL where it has no such member. */
static void *member(const struct ops_value *ops, const char *name, size_t size)
{
	const struct btf_member *members = btf_members(ops->type);

	for (int i = 0; i < btf_vlen(ops->type); i++) {
		char message[128];

		if (strcmp(btf__name_by_offset(ops->btf, members[i].name_off), name) != 0)
			continue;
		if (btf__resolve_size(ops->btf, members[i].type) == (__s64)size &&
		    btf_member_bit_offset(ops->type, i) % 8 == 0)
			return ops->bytes + btf_member_bit_offset(ops->type, i) / 8;
		snprintf(message, sizeof(message), OPS_TYPE ".%s is not of %zu bytes", name, size);
		object_fault("open", EINVAL, message);
	}
	return NULL;
}

/* Sets a number; a missing member is a fault only where the node relies on it. */
static void set_member(const struct ops_value *ops, const char *name, size_t size, uint64_t value,
		       bool needed)
{
	void *at = member(ops, name, size);
	char message[128];

	if (at && size == sizeof(uint32_t))
		memcpy(at, &(uint32_t){ value }, size);
	else if (at)
		memcpy(at, &value, size);
	else if (needed) {
		snprintf(message, sizeof(message), OPS_TYPE " has no member %s", name);
		object_fault("open", EINVAL, message);
	}
}

uint64_t impose(struct bpf_object *object, struct bpf_map *map, const struct imposed *imposed)
{
	struct ops_value ops = { .btf = bpf_object__btf(object) };
	uint32_t *batch;
	uint64_t *flags, given;
	size_t size = 0;
	char *name;

	ops.type = ops_type(ops.btf, bpf_map__name(map));
	ops.bytes = bpf_map__initial_value(map, &size);
	if (!ops.bytes || size != ops.type->size)
		object_fault("open", EINVAL, "the value of " OPS_TYPE " has an unexpected size");

	name = member(&ops, "name", sizeof(imposed->name));
	flags = member(&ops, "flags", sizeof(*flags));
	batch = member(&ops, "dispatch_max_batch", sizeof(*batch));
	if (!name || !flags)
		object_fault("open", EINVAL, OPS_TYPE " has no member name or flags");
	memcpy(name, imposed->name, sizeof(imposed->name));
	given = *flags;
	*flags = (given & OPS_FLAGS_SAFE) | (imposed->partial ? OPS_SWITCH_PARTIAL : 0);
	if (batch && *batch > DISPATCH_BATCH_MAX)
		*batch = DISPATCH_BATCH_MAX;

	set_member(&ops, "timeout_ms", 4, imposed->timeout_ms, true);
	/* An unbounded dump took 240 MB of kernel memory when it was asked for. */
	set_member(&ops, "exit_dump_len", 4, EXIT_DUMP_BYTES, true);
	/* CPUs that came or went between verification and now are noticed by the kernel. */
	set_member(&ops, "hotplug_seq", 8, imposed->hotplug_seq, false);
	set_member(&ops, "sub_cgroup_id", 8, 0, false);
	set_member(&ops, "priv", 8, 0, false);

	/* Without a link the scheduler would live on in the kernel when the loader is killed. */
	if (bpf_map__set_map_flags(map, bpf_map__map_flags(map) | BPF_F_LINK) < 0)
		object_fault("open", errno, "BPF_F_LINK can't be set");
	return given & ~(OPS_FLAGS_SAFE | OPS_SWITCH_PARTIAL);
}
