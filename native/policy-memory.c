// SPDX-License-Identifier: Apache-2.0
#include "policy-memory.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "answer.h"

/* Where one global lies: in the value of the map that libbpf made of its section. */
struct global {
	struct bpf_map *map;
	size_t offset;
	size_t bytes;
};

static bool find_global(struct bpf_object *object, const char *name, struct global *global)
{
	const struct btf *btf = bpf_object__btf(object);
	__s32 variable = btf__find_by_name_kind(btf, name, BTF_KIND_VAR);

	for (__u32 id = 1; variable > 0 && id < btf__type_cnt(btf); id++) {
		const struct btf_type *section = btf__type_by_id(btf, id);
		const struct btf_var_secinfo *places = btf_var_secinfos(section);

		if (!btf_is_datasec(section))
			continue;
		for (int i = 0; i < btf_vlen(section); i++) {
			if (places[i].type != (__u32)variable)
				continue;
			global->map = bpf_object__find_map_by_name(
				object, btf__name_by_offset(btf, section->name_off));
			global->offset = places[i].offset;
			global->bytes = places[i].size;
			/* Sections that are no data (maps, ops) have no map, or one of another type. */
			return global->map && bpf_map__type(global->map) == BPF_MAP_TYPE_ARRAY;
		}
	}
	return false;
}

static void refuse(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void refuse(int error, const char *format, ...)
{
	char message[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	answer_error("read", error, message);
}

/* Bytes of a map whose one value is a section of globals: only the pages that are asked for. */
static bool read_global(const struct global *global, char *memory)
{
	size_t skipped = global->offset % sysconf(_SC_PAGESIZE);
	size_t length = skipped + global->bytes;
	char *pages = mmap(NULL, length, PROT_READ, MAP_SHARED, bpf_map__fd(global->map),
			   global->offset - skipped);

	if (pages == MAP_FAILED)
		return false;
	memcpy(memory, pages + skipped, global->bytes);
	munmap(pages, length);
	return true;
}

/* An array's values one after the other, without the padding that it has in the kernel. */
static bool read_array(const struct bpf_map *map, char *memory)
{
	for (__u32 i = 0; i < bpf_map__max_entries(map); i++)
		if (bpf_map_lookup_elem(bpf_map__fd(map), &i,
					memory + (size_t)i * bpf_map__value_size(map)) < 0)
			return false;
	return true;
}

void answer_map(struct bpf_object *object, const char *name, size_t bytes_max)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);
	bool is_array = map && bpf_map__type(map) == BPF_MAP_TYPE_ARRAY;
	struct global global = { .map = map };
	char *memory;

	if (is_array)
		global.bytes = (size_t)bpf_map__max_entries(map) * bpf_map__value_size(map);
	else if (map || !find_global(object, name, &global)) {
		refuse(ENOENT, "the policy has no array map and no global variable %.64s", name);
		return;
	}
	if (global.bytes > bytes_max) {
		refuse(E2BIG, "%.64s has %zu bytes, %zu are asked for at most", name, global.bytes,
		       bytes_max);
		return;
	}
	memory = malloc(global.bytes ? global.bytes : 1);
	if (!memory || !(is_array ? read_array(map, memory) : read_global(&global, memory))) {
		refuse(memory ? errno : ENOMEM, "%.64s can't be read", name);
	} else {
		answer_begin("map");
		answer_string("name", name);
		answer_base64("data", memory, global.bytes);
		answer_end();
	}
	free(memory);
}
