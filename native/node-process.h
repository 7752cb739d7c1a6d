/* SPDX-License-Identifier: Apache-2.0 */
/* What the native programs ask of the machine: their own standing, the clock, small kernel files. */
#ifndef SCHEDCP_NODE_PROCESS_H
#define SCHEDCP_NODE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SIGKILL when the thread that started us dies, SIGPIPE ignored (a lost reader shows as EOF on input). */
void die_with_parent(void);

/*
 * SCHED_FIFO (children start as ordinary tasks) and memory locked as it is touched. A candidate
 * scheduler can then neither starve us nor be waited for in a page fault. Negative errno on failure.
 */
int become_realtime(int priority);

/* CLOCK_MONOTONIC in microseconds. */
int64_t now_us(void);
void sleep_ms(int64_t ms);

/*
 * Reads a small file into `text`, ended by a zero, trailing newline cut. Longer content is cut at
 * size - 1. Returns the length or a negative errno.
 */
long read_text(const char *path, char *text, size_t size);

/* Writes `text` in one call. Negative errno on failure. */
int write_text(const char *path, const char *text);

/* The number that a file holds, or `otherwise` where it is missing. */
uint64_t read_number(const char *path, uint64_t otherwise);

#endif
