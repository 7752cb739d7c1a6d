// SPDX-License-Identifier: Apache-2.0
#include "run-request.h"

#include <string.h>

#include "header.h"

#define RUN_MS_MAX 86400000
#define COMMAND_BYTES_MAX (32 * 1024)
/* -1 means "leave as it is" to the kernel's set*id calls. */
#define ID_MAX (UINT32_MAX - 1)

static char *absolute(const char *key, const char *path)
{
	if (path[0] != '/')
		header_fault("%s: the path is not absolute", key);
	return strdup(path);
}

static void read_task(char *value, struct run_request *request)
{
	struct task_request *task = &request->tasks[request->task_count];
	size_t length;

	if (request->task_count == TASKS_MAX)
		header_fault("more than %d tasks", TASKS_MAX);
	request->task_count++;
	task->entry = header_number("task", header_field("task", &value), 0, ENTRIES_MAX - 1);
	task->index = header_number("task", header_field("task", &value), 0, TASKS_MAX - 1);
	task->background = header_number("task", header_field("task", &value), 0, 1);
	task->capture = header_number("task", header_field("task", &value), 0, 1);
	task->cgroup = absolute("task", header_field("task", &value));
	task->command = header_hex("task", header_field("task", &value), COMMAND_BYTES_MAX, &length);
	if (strlen(task->command) != length)
		header_fault("task: the command holds a zero byte");
}

/* A task outside of the cgroup that is killed would survive its run. */
static void check_cgroups(const struct run_request *request)
{
	size_t length = strlen(request->kill_cgroup);
	bool counts = false;

	for (int i = 0; i < request->task_count; i++) {
		const char *cgroup = request->tasks[i].cgroup;

		if (strncmp(cgroup, request->kill_cgroup, length) != 0 ||
		    (cgroup[length] != '/' && cgroup[length] != '\0') || strstr(cgroup, "/../"))
			header_fault("task: %.256s is not within kill-cgroup", cgroup);
		counts = counts || !request->tasks[i].background;
	}
	if (!counts)
		header_fault("there is no task that is not in the background");
}

enum key { DIR, UID, GID, TIME_LIMIT, STOP_AFTER, KILL_CGROUP, OUTPUT_TAIL, ERROR_TAIL, KEYS };

static const char *const key_names[KEYS] = {
	[DIR] = "dir",
	[UID] = "uid",
	[GID] = "gid",
	[TIME_LIMIT] = "time-limit-ms",
	[STOP_AFTER] = "stop-after-ms",
	[KILL_CGROUP] = "kill-cgroup",
	[OUTPUT_TAIL] = "output-tail-bytes",
	[ERROR_TAIL] = "error-tail-bytes",
};

static enum key key_of(const char *name)
{
	for (int key = 0; key < KEYS; key++)
		if (!strcmp(name, key_names[key]))
			return key;
	header_fault("unknown key %.64s", name);
}

static void read_setting(enum key key, const char *value, struct run_request *request)
{
	const char *name = key_names[key];

	switch (key) {
	case DIR:
		request->dir = absolute(name, value);
		break;
	case UID:
		request->uid = header_number(name, value, 1, ID_MAX);
		break;
	case GID:
		request->gid = header_number(name, value, 1, ID_MAX);
		break;
	case TIME_LIMIT:
		request->time_limit_ms = header_number(name, value, 1, RUN_MS_MAX);
		break;
	case STOP_AFTER:
		request->stop_after_ms = header_number(name, value, 1, RUN_MS_MAX);
		break;
	case KILL_CGROUP:
		request->kill_cgroup = absolute(name, value);
		break;
	case OUTPUT_TAIL:
		request->output_tail_bytes = header_number(name, value, 0, TAIL_BYTES_MAX);
		break;
	case ERROR_TAIL:
		request->error_tail_bytes = header_number(name, value, 0, TAIL_BYTES_MAX);
		break;
	case KEYS:
		break;
	}
}

void read_run_request(struct run_request *request)
{
	bool seen[KEYS] = { false };
	char *name, *value;

	while (header_next(&name, &value)) {
		enum key key;

		if (!strcmp(name, "task")) {
			read_task(value, request);
			continue;
		}
		key = key_of(name);
		header_once(name, &seen[key]);
		read_setting(key, value, request);
	}
	for (int key = 0; key < KEYS; key++)
		if (key != STOP_AFTER)
			header_require(key_names[key], seen[key]);
	check_cgroups(request);
}
