/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's own counters over the whole machine, at one moment. */
#ifndef SCHEDCP_COUNTERS_H
#define SCHEDCP_COUNTERS_H

#include <stdint.h>

struct counters {
	uint64_t context_switches;
	uint64_t run_delay_ns;
	uint64_t timeslices;
	uint64_t idle_us;
};

/* From /proc/stat and /proc/schedstat. Negative errno where these are missing or of another form. */
int read_counters(struct counters *counters);

#endif
