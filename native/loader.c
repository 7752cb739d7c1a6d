// SPDX-License-Identifier: Apache-2.0
/*
 * schedcp-loader: loads one sched_ext policy, owns its link, and says when it has left. The kernel
 * takes the policy away when this process dies, however it dies. Started by the node daemon; see
 * README.md for what it reads and answers. It never decides: what to load, and for how long, is the
 * daemon's business.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "bpf-object.h"
#include "header.h"
#include "knob.h"
#include "node-process.h"
#include "ops.h"
#include "policy-memory.h"

#define OBJECT_BYTES_MAX (8 * 1024 * 1024)
#define HINTS_MAX 64
#define LIVE_WAIT_MS 5000
#define WATCH_INTERVAL_MS 100
#define PRIORITY 60

#define SYSFS "/sys/kernel/sched_ext/"

struct request {
	struct imposed imposed;
	size_t object_bytes;
	struct knob knobs[KNOBS_MAX];
	int knob_count;
	struct {
		__u64 cgroup_id;
		__u32 ms;
	} hints[HINTS_MAX];
	int hint_count;
};

static void read_name(const char *value, char name[OPS_NAME_BYTES])
{
	size_t length = strlen(value);

	/* The kernel takes no other characters. */
	if (length == 0 || length >= OPS_NAME_BYTES ||
	    strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.") != length)
		header_fault("name: 1 to %d of [A-Za-z0-9_.]", OPS_NAME_BYTES - 1);
	memcpy(name, value, length);
}

static void read_knob(char *value, struct request *request)
{
	struct knob *knob = &request->knobs[request->knob_count];
	const char *name = header_field("knob", &value);
	const char *kind = header_field("knob", &value);

	if (request->knob_count++ == KNOBS_MAX)
		header_fault("more than %d knobs", KNOBS_MAX);
	if (strlen(name) >= sizeof(knob->name))
		header_fault("knob: the name is too long");
	strcpy(knob->name, name);
	knob->kind = kind[0];
	if (strlen(kind) != 1 || !strchr("ibs", kind[0]))
		header_fault("knob %s: the kind is not i, b or s", name);
	if (kind[0] == 's') {
		knob->text = header_hex("knob", value ? value : "", 4096, &knob->length);
		return;
	}
	knob->text = value ? strdup(value) : NULL;
	if (!knob->text || (kind[0] == 'b' && strcmp(value, "0") && strcmp(value, "1")))
		header_fault("knob %s: the value is missing or wrong", name);
}

static void read_hint(char *value, struct request *request)
{
	const char *cgroup = header_field("hint", &value);
	const char *ms = header_field("hint", &value);

	if (request->hint_count == HINTS_MAX)
		header_fault("more than %d hints", HINTS_MAX);
	request->hints[request->hint_count].cgroup_id = header_number("hint", cgroup, 1, UINT64_MAX);
	request->hints[request->hint_count].ms = header_number("hint", ms, 0, UINT32_MAX);
	request->hint_count++;
}

static void read_request(struct request *request)
{
	bool has_bytes = false, has_name = false, has_timeout = false, has_partial = false;
	char *key, *value;

	while (header_next(&key, &value)) {
		if (!strcmp(key, "object-bytes")) {
			header_once(key, &has_bytes);
			request->object_bytes = header_number(key, value, 1, OBJECT_BYTES_MAX);
		} else if (!strcmp(key, "name")) {
			header_once(key, &has_name);
			read_name(value, request->imposed.name);
		} else if (!strcmp(key, "timeout-ms")) {
			header_once(key, &has_timeout);
			request->imposed.timeout_ms = header_number(key, value, 100, 30000);
		} else if (!strcmp(key, "partial")) {
			header_once(key, &has_partial);
			request->imposed.partial = header_number(key, value, 0, 1);
		} else if (!strcmp(key, "knob")) {
			read_knob(value, request);
		} else if (!strcmp(key, "hint")) {
			read_hint(value, request);
		} else {
			header_fault("unknown key %.64s", key);
		}
	}
	header_require("object-bytes", has_bytes);
	header_require("name", has_name);
	header_require("timeout-ms", has_timeout);
	header_require("partial", has_partial);
}

/* Stores the hints; returns how many. An object without the map takes none, and that is no fault. */
static int store_hints(struct bpf_object *object, const struct request *request)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, "hints");

	if (!map || request->hint_count == 0)
		return 0;
	if ((bpf_map__type(map) != BPF_MAP_TYPE_HASH && bpf_map__type(map) != BPF_MAP_TYPE_LRU_HASH) ||
	    bpf_map__key_size(map) != sizeof(__u64) || bpf_map__value_size(map) != sizeof(__u32))
		object_fault("hint", EINVAL, "the map hints is not a hash map of u64 to u32");
	for (int i = 0; i < request->hint_count; i++) {
		if (bpf_map_update_elem(bpf_map__fd(map), &request->hints[i].cgroup_id,
					&request->hints[i].ms, BPF_ANY) < 0)
			object_fault("hint", errno, "the map hints takes no more entries");
	}
	return request->hint_count;
}

/* What sysfs says of the one sched_ext scheduler that a machine can have. */
static bool state_is(const char *state)
{
	char text[64];

	return read_text(SYSFS "state", text, sizeof(text)) > 0 && !strcmp(text, state);
}

static bool ops_are(const char *name)
{
	char text[OPS_NAME_BYTES + 64];

	return read_text(SYSFS "root/ops", text, sizeof(text)) > 0 && !strcmp(text, name);
}

static uint64_t enable_seq(void)
{
	return read_number(SYSFS "enable_seq", 0);
}

/*
 * Attaching can succeed though enabling failed, so the link says nothing: the policy is live when
 * sysfs says so and the sequence number shows that it is not another's of the same name.
 */
static bool wait_until_live(const char *name, uint64_t seq_before)
{
	int64_t deadline = now_us() + LIVE_WAIT_MS * 1000;

	do {
		if (state_is("enabled") && ops_are(name) && enable_seq() > seq_before)
			return true;
		/* Enabling is over when attaching returns: this is its failure, or an ejection since. */
		if (state_is("disabled"))
			return false;
		sleep_ms(10);
	} while (now_us() < deadline);
	return false;
}

static bool wait_until_disabled(void)
{
	int64_t deadline = now_us() + LIVE_WAIT_MS * 1000;

	do {
		if (state_is("disabled"))
			return true;
		sleep_ms(10);
	} while (now_us() < deadline);
	return false;
}

/* What the daemon asks of a policy: `read NAME BYTES_MAX`. */
static void answer_request(struct bpf_object *object, const char *key, char *value)
{
	const char *name;

	if (strcmp(key, "read") != 0)
		header_fault("unknown request %.64s", key);
	name = header_field(key, &value);
	answer_map(object, name, header_number(key, header_field(key, &value), 1, MEMORY_BYTES_MAX));
}

/* After POLLIN: answers what was asked. False when standard input has ended. */
static bool serve_input(struct bpf_object *object)
{
	char *key, *value;

	if (!request_fill())
		return false;
	while (request_next(&key, &value)) {
		if (key)
			answer_request(object, key, value);
	}
	return true;
}

/* Until standard input ends (true) or the kernel has ejected the policy (false). */
static bool watch(struct bpf_object *object, const char *name, uint64_t seq)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	for (;;) {
		int ready = poll(&input, 1, WATCH_INTERVAL_MS);

		if (ready > 0 && !serve_input(object))
			return true;
		if (!state_is("enabled") || !ops_are(name) || enable_seq() != seq)
			return false;
	}
}

/* What an ejected policy left in its memory can be read until standard input ends. */
static void serve_until_end(struct bpf_object *object)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	while (poll(&input, 1, -1) < 0 || serve_input(object))
		;
}

static void answer_attached(const char *name, uint64_t seq, int64_t duration_us, int hints,
			    uint64_t dropped_flags)
{
	answer_begin("attached");
	answer_string("opsName", name);
	answer_integer("enableSeq", seq);
	answer_ms("durationMs", duration_us);
	answer_integer("hints", hints);
	answer_integer("droppedFlags", dropped_flags);
	answer_end();
}

int main(void)
{
	static struct request request;
	uint64_t seq_before, seq, dropped_flags;
	struct bpf_object *object;
	struct bpf_link *link;
	struct bpf_map *ops;
	int64_t start_us;
	int error, hints;
	void *bytes;

	die_with_parent();
	read_request(&request);
	bytes = header_read_bytes(request.object_bytes);
	start_us = now_us();

	request.imposed.hotplug_seq = read_number(SYSFS "hotplug_seq", 0);
	object = open_object(bytes, request.object_bytes);
	ops = find_ops(object);
	dropped_flags = impose(object, ops, &request.imposed);
	for (int i = 0; i < request.knob_count; i++)
		set_knob(object, &request.knobs[i]);
	error = load_object(object);
	if (error)
		object_fault("load", -error, "the kernel refused the policy");
	hints = store_hints(object, &request);

	/* Only now: the kernel verifier's work would otherwise take a CPU from everyone. */
	error = become_realtime(PRIORITY);
	if (error)
		object_fault("realtime", -error, "no real-time priority or locked memory");
	seq_before = enable_seq();
	link = bpf_map__attach_struct_ops(ops);
	if (!link)
		object_fault("attach", errno, "the kernel did not enable the policy");
	if (!wait_until_live(request.imposed.name, seq_before)) {
		bpf_link__destroy(link);
		object_fault("attach", EPROTO,
			     "the policy was attached but is not enabled: see the kernel's log");
	}
	seq = enable_seq();
	answer_attached(request.imposed.name, seq, now_us() - start_us, hints, dropped_flags);

	if (!watch(object, request.imposed.name, seq)) {
		wait_until_disabled();
		bpf_link__destroy(link);
		answer_begin("gone");
		answer_end();
		serve_until_end(object);
		return 1;
	}
	bpf_link__destroy(link);
	if (!wait_until_disabled())
		object_fault("detach", ETIMEDOUT, "the kernel has not let go of the policy in time");
	answer_begin("detached");
	answer_end();
	return 0;
}
