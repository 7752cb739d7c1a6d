/* SPDX-License-Identifier: Apache-2.0 */
/* One process that the workload starts itself: forked to a barrier, released, ended. */
#ifndef SCHEDCP_TASK_H
#define SCHEDCP_TASK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "run-request.h"
#include "tail.h"

struct schedstat {
	uint64_t wait_ns;
	uint64_t runs;
};

struct gate;

struct task {
	const struct task_request *request;
	struct tail *output; /* NULL where not captured */
	struct tail *error;
	struct gate *gate;
	/* What it writes to, until it is forked. */
	int output_file; /* -1 where not captured */
	int error_file;
	pid_t pid;
	/* At the barrier. */
	struct schedstat schedstat_before;
	/* Once ended. */
	bool ended;
	int status;
	int64_t end_us;
	struct schedstat schedstat;
	struct rusage usage;
};

enum task_state { TASK_COMING, TASK_AT_BARRIER, TASK_LOST };

/* Room for the gates, environment and file limits. Negative errno on failure. */
int tasks_init(const struct run_request *request);

/* Opens its pipes and its gate. Negative errno on failure. */
int task_prepare(const struct run_request *request, const struct task_request *task_request,
		 struct task *task);

/*
 * Starts to fork all tasks that have the cgroup of the first, prepared before, as children of ours
 * that are born in it: returns the pid of a forker to be waited for, or a negative errno. No
 * thread may exist yet. Once the forker has ended, task_forked() takes each of its tasks over.
 */
pid_t tasks_fork(const struct run_request *request, struct task *tasks, int first);

/* Closes our ends of its pipes. False where the forker could not fork it. */
bool task_forked(struct task *task);

/* Whether it sleeps at the barrier; TASK_LOST: it could not be prepared. */
enum task_state task_state(const struct task *task);

/* Why it was lost: what it tried, and the errno. */
const char *task_lost_step(const struct task *task, int *error);

void task_release(struct task *task);

/* CLOCK_MONOTONIC when it first ran after the release, 0 where it has not; what it had used until then. */
int64_t task_start_us(const struct task *task);
const struct rusage *task_usage_before(const struct task *task);

/* Also of a zombie. Negative errno on failure. */
int read_schedstat_of(pid_t pid, struct schedstat *schedstat);

#endif
