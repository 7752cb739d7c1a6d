// SPDX-License-Identifier: Apache-2.0
#include "counters.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Versions of /proc/schedstat whose per-CPU fields 7 to 9 are run time, wait time and timeslices. */
#define SCHEDSTAT_VERSION_MIN 15
#define SCHEDSTAT_VERSION_MAX 17

static int read_stat(struct counters *counters)
{
	FILE *file = fopen("/proc/stat", "re");
	uint64_t idle, iowait;
	char *line = NULL;
	size_t size = 0;
	int found = 0;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0) {
		/* The first line sums up; "cpu0" and so on follow. */
		if (line[3] == ' ' && sscanf(line, "cpu %*u %*u %*u %" SCNu64 " %" SCNu64, &idle, &iowait) == 2) {
			counters->idle_us = (idle + iowait) * 1000000 / sysconf(_SC_CLK_TCK);
			found++;
		} else if (sscanf(line, "ctxt %" SCNu64, &counters->context_switches) == 1) {
			found++;
		}
	}
	free(line);
	fclose(file);
	return found == 2 ? 0 : -EPROTO;
}

static int read_schedstat(struct counters *counters)
{
	FILE *file = fopen("/proc/schedstat", "re");
	int version = 0, cpus = 0;
	uint64_t wait, slices;
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return -errno;
	counters->run_delay_ns = 0;
	counters->timeslices = 0;
	while (getline(&line, &size, file) > 0) {
		if (sscanf(line, "version %d", &version) == 1)
			continue;
		if (sscanf(line, "cpu%*u %*u %*u %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64, &wait,
			   &slices) == 2) {
			counters->run_delay_ns += wait;
			counters->timeslices += slices;
			cpus++;
		}
	}
	free(line);
	fclose(file);
	if (version < SCHEDSTAT_VERSION_MIN || version > SCHEDSTAT_VERSION_MAX || cpus == 0)
		return -EPROTO;
	return 0;
}

int read_counters(struct counters *counters)
{
	int error = read_stat(counters);

	return error ? error : read_schedstat(counters);
}
