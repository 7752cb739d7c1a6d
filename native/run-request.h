/* SPDX-License-Identifier: Apache-2.0 */
/* What the runner is asked to run: its header, checked. */
#ifndef SCHEDCP_RUN_REQUEST_H
#define SCHEDCP_RUN_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TASKS_MAX 1024
#define ENTRIES_MAX 64
#define TAIL_BYTES_MAX 65536

struct task_request {
	int entry;
	int index;
	bool background;
	bool capture;
	char *cgroup;
	char *command;
};

struct run_request {
	char *dir;
	char *kill_cgroup;
	uid_t uid;
	gid_t gid;
	int64_t time_limit_ms;
	int64_t stop_after_ms; /* 0: not a warm-up */
	size_t output_tail_bytes;
	size_t error_tail_bytes;
	int task_count;
	struct task_request tasks[TASKS_MAX];
};

/* Reads standard input up to the empty line; any fault ends the program. */
void read_run_request(struct run_request *request);

#endif
