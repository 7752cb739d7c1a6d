// SPDX-License-Identifier: Apache-2.0
/*
 * schedcp-probe: attaches bpf/probes/sched.bpf.o and, when told to end, answers with what it saw:
 * run-queue waits by entry and who ran where. Started by the node daemon for a traced run that does
 * not count; see README.md. Sleeps while the run lasts: the kernel side writes into mapped memory.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "answer.h"
#include "bpf-object.h"
#include "header.h"
#include "node-process.h"
#include "sched-probe.h"

#define OBJECT_BYTES_MAX (8 * 1024 * 1024)
#define SEGMENTS_MAX 20000
#define PRIORITY 40

struct request {
	size_t object_bytes;
	__u32 segments_max;
	__u64 cgroups[PROBE_ENTRIES_MAX];
	__u32 entry_count;
};

static void read_request(struct request *request)
{
	bool has_bytes = false, has_segments = false;
	char *key, *value;

	while (header_next(&key, &value)) {
		if (!strcmp(key, "object-bytes")) {
			header_once(key, &has_bytes);
			request->object_bytes = header_number(key, value, 1, OBJECT_BYTES_MAX);
		} else if (!strcmp(key, "segments-max")) {
			header_once(key, &has_segments);
			request->segments_max = header_number(key, value, 1, SEGMENTS_MAX);
		} else if (!strcmp(key, "entry")) {
			if (request->entry_count == PROBE_ENTRIES_MAX)
				header_fault("more than %d entries", PROBE_ENTRIES_MAX);
			request->cgroups[request->entry_count++] =
				header_number(key, value, 1, UINT64_MAX);
		} else {
			header_fault("unknown key %.64s", key);
		}
	}
	header_require("object-bytes", has_bytes);
	header_require("segments-max", has_segments);
	header_require("entry", request->entry_count > 0);
}

static struct bpf_map *map_of(struct bpf_object *object, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	if (!map)
		object_fault("open", ENOENT, "this is not the probe's object: a map is missing");
	return map;
}

/* An array map as memory; its values lie one after the other, each padded to 8 bytes. */
static const void *mapped(struct bpf_object *object, const char *name)
{
	struct bpf_map *map = map_of(object, name);
	size_t bytes = (size_t)bpf_map__max_entries(map) * ((bpf_map__value_size(map) + 7) & ~7U);
	void *memory = mmap(NULL, bytes, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);

	if (memory == MAP_FAILED)
		object_fault("load", errno, "the probe's maps can't be read");
	return memory;
}

static void fill_entries(struct bpf_object *object, const struct request *request)
{
	int entries = bpf_map__fd(map_of(object, "entries"));

	for (__u32 i = 0; i < request->entry_count; i++)
		if (bpf_map_update_elem(entries, &request->cgroups[i], &i, BPF_NOEXIST) < 0 &&
		    errno != EEXIST)
			object_fault("load", errno, "the entries can't be stored");
}

static void attach_all(struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
		if (!bpf_program__attach(program))
			object_fault("attach", errno, "a tracepoint can't be attached to");
}

static void wait_for_end(void)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	while (poll(&input, 1, -1) < 0 || !input_ended())
		;
}

static int by_start(const void *left, const void *right)
{
	const struct probe_segment *a = left, *b = right;

	return a->start_ns < b->start_ns ? -1 : a->start_ns > b->start_ns;
}

static void answer_trace(const struct request *request, const __u64 *waits,
			 struct probe_segment *segments, __u64 seen)
{
	__u64 kept = seen < request->segments_max ? seen : request->segments_max;

	qsort(segments, kept, sizeof(*segments), by_start);
	answer_begin("trace");
	answer_open("waits", '[');
	for (__u32 entry = 0; entry < request->entry_count; entry++) {
		answer_open(NULL, '[');
		for (int bucket = 0; bucket < PROBE_BUCKETS; bucket++)
			answer_integer(NULL, waits[entry * PROBE_BUCKETS + bucket]);
		answer_close(']');
	}
	answer_close(']');
	answer_open("timeline", '[');
	for (__u64 i = 0; i < kept; i++) {
		answer_open(NULL, '[');
		answer_integer(NULL, segments[i].cpu);
		answer_integer(NULL, segments[i].entry);
		answer_integer(NULL, segments[i].pid);
		answer_integer(NULL, segments[i].start_ns / 1000);
		answer_integer(NULL, segments[i].end_ns / 1000);
		answer_close(']');
	}
	answer_close(']');
	answer_integer("dropped", seen - kept);
	answer_end();
}

int main(void)
{
	static struct request request;
	struct probe_segment *copy;
	const void *waits, *segments;
	const __u64 *seen;
	struct bpf_object *object;
	void *bytes;
	int error;

	die_with_parent();
	read_request(&request);
	bytes = header_read_bytes(request.object_bytes);
	object = open_object(bytes, request.object_bytes);
	if (bpf_map__set_max_entries(map_of(object, "segments"), request.segments_max) < 0)
		object_fault("open", errno, "the timeline can't be sized");
	error = load_object(object);
	if (error)
		object_fault("load", -error, "the kernel refused the probe");
	waits = mapped(object, "waits");
	segments = mapped(object, "segments");
	seen = mapped(object, "segments_seen");
	fill_entries(object, &request);
	error = become_realtime(PRIORITY);
	if (error)
		object_fault("realtime", -error, "no real-time priority or locked memory");
	attach_all(object);
	answer_begin("attached");
	answer_end();

	wait_for_end();
	/* A copy, since the kernel side goes on writing until we are gone. */
	copy = malloc(request.segments_max * sizeof(*copy));
	if (!copy)
		object_fault("attach", ENOMEM, "no memory for the timeline");
	memcpy(copy, segments, request.segments_max * sizeof(*copy));
	answer_trace(&request, waits, copy, *seen);
	return 0;
}
