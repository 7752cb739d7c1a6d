/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ends of what tasks write. Pipes are drained by one thread of ordinary priority, so that a
 * flood of output neither blocks a task for long nor takes time from the real-time thread.
 */
#ifndef SCHEDCP_TAIL_H
#define SCHEDCP_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tail {
	int fd;
	char *ring;
	size_t capacity;
	uint64_t total; /* bytes ever seen; the ring holds the last of them */
};

/* Two to a task: what may be kept at most. Memory is only taken as it is written. */
int tails_init(int count_max, size_t bytes_max);

/* A new pipe; returns its end to write to, or a negative errno. `*tail` lives until the program ends. */
int tail_open(size_t capacity, struct tail **tail);

/* In a process that only writes to them: closes the ends to read from. */
void tails_close_readers(void);

/* Starts the draining thread, once all tails are open. */
int tails_start(void);

/*
 * Waits until every pipe is drained to its end; call it when all writers are dead. False where that
 * does not happen in time.
 */
bool tails_finish(int priority, int timeout_ms);

/* What is kept, as one piece of memory to be freed. Only after tails_finish(). */
char *tail_text(const struct tail *tail, size_t *length);

#endif
