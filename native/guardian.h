/* SPDX-License-Identifier: Apache-2.0 */
/* A process beside the runner that kills the run's cgroup when the runner dies, however it dies. */
#ifndef SCHEDCP_GUARDIAN_H
#define SCHEDCP_GUARDIAN_H

/* Starts it; call it before any task and any thread exists. Negative errno on failure. */
int guardian_start(const char *kill_file, int priority);

/* Ends it without a kill, once the cgroup is empty: it may be another run's a moment later. */
void guardian_stop(void);

#endif
