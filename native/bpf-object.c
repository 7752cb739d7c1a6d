// SPDX-License-Identifier: Apache-2.0
#include "bpf-object.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "answer.h"

#if LIBBPF_MAJOR_VERSION < 1 || (LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION < 4)
#error "libbpf 1.4 or newer is needed (Debian 12: apt install -t bookworm-backports libbpf-dev)"
#endif

/* What the kernel verifier may write; only the end of it is passed on. Untouched pages cost nothing. */
#define VERIFIER_LOG_BYTES (16 * 1024 * 1024)
#define VERIFIER_LOG_TAIL_BYTES (256 * 1024)
#define WARNING_BYTES 4096

static char *verifier_log;
static char warnings[WARNING_BYTES];
static size_t warnings_length;

/* Keeps the end of the warnings: what went wrong stands last. */
static int keep_warning(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char text[1024];
	size_t length;

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(text, sizeof(text), format, arguments);
	length = strlen(text);
	if (warnings_length + length >= sizeof(warnings)) {
		size_t cut = warnings_length + length + 1 - sizeof(warnings);

		memmove(warnings, warnings + cut, warnings_length - cut);
		warnings_length -= cut;
	}
	memcpy(warnings + warnings_length, text, length + 1);
	warnings_length += length;
	return 0;
}

struct bpf_object *open_object(const void *bytes, size_t size)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "object");
	struct bpf_object *object;

	libbpf_set_print(keep_warning);
	verifier_log = mmap(NULL, VERIFIER_LOG_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (verifier_log == MAP_FAILED) {
		verifier_log = NULL;
		object_fault("open", errno, "no memory for the kernel verifier's log");
	}
	/* With level 0 and a buffer of ours, libbpf asks for the log only after a failure. */
	options.kernel_log_buf = verifier_log;
	options.kernel_log_size = VERIFIER_LOG_BYTES;
	object = bpf_object__open_mem(bytes, size, &options);
	if (!object)
		object_fault("open", errno, "libbpf can't open the object");
	return object;
}

int load_object(struct bpf_object *object)
{
	struct bpf_map *map;

	/* A pin would leave things behind, or take in what another left. */
	bpf_object__for_each_map(map, object)
		bpf_map__set_pin_path(map, NULL);
	return bpf_object__load(object);
}

void object_fault(const char *stage, int error, const char *message)
{
	char text[WARNING_BYTES + 1024];
	size_t length = verifier_log ? strnlen(verifier_log, VERIFIER_LOG_BYTES) : 0;
	size_t start = length > VERIFIER_LOG_TAIL_BYTES ? length - VERIFIER_LOG_TAIL_BYTES : 0;

	snprintf(text, sizeof(text), "%s%s%s", message, warnings_length ? ":\n" : "", warnings);
	answer_error_begin(stage, error, text);
	answer_bytes("log", verifier_log ? verifier_log + start : "", length - start);
	answer_end();
	exit(1);
}

const struct btf_type *plain_type(const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type)))
		type = btf__type_by_id(btf, type->type);
	return type;
}
