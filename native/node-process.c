// SPDX-License-Identifier: Apache-2.0
#include "node-process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

void die_with_parent(void)
{
	/* A parent that died before this call shows as EOF on standard input. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
}

int become_realtime(int priority)
{
	struct sched_param parameters = { .sched_priority = priority };

	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
		return -errno;
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) < 0)
		return -errno;
	return 0;
}

int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void sleep_ms(int64_t ms)
{
	struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&pause, NULL);
}

long read_text(const char *path, char *text, size_t size)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;

	if (file < 0)
		return -errno;
	/* Kernel files may come in pieces. */
	while (length < size - 1) {
		ssize_t got = read(file, text + length, size - 1 - length);

		if (got < 0) {
			int error = errno;

			if (error == EINTR)
				continue;
			close(file);
			return -error;
		}
		if (got == 0)
			break;
		length += got;
	}
	close(file);
	if (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return length;
}

int write_text(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	int error = 0;

	if (file < 0)
		return -errno;
	if (write(file, text, strlen(text)) < 0)
		error = -errno;
	close(file);
	return error;
}

uint64_t read_number(const char *path, uint64_t otherwise)
{
	char text[64];

	if (read_text(path, text, sizeof(text)) <= 0)
		return otherwise;
	return strtoull(text, NULL, 10);
}
