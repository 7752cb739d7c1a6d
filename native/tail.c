// SPDX-License-Identifier: Apache-2.0
#include "tail.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define READ_BYTES 65536

static struct tail *tails;
static int tail_count;
static char *memory;
static int epoll = -1;
static pthread_t drainer;

int tails_init(int count_max, size_t bytes_max)
{
	tails = calloc(count_max, sizeof(*tails));
	memory = mmap(NULL, bytes_max ? bytes_max : 1, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	return !tails || memory == MAP_FAILED || epoll < 0 ? -errno : 0;
}

int tail_open(size_t capacity, struct tail **opened)
{
	struct tail *tail = &tails[tail_count];
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = tail };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	tail->fd = ends[0];
	tail->ring = memory;
	tail->capacity = capacity;
	memory += capacity;
	tail_count++;
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) < 0)
		return -errno;
	*opened = tail;
	return ends[1];
}

static void keep(struct tail *tail, const char *bytes, size_t length)
{
	size_t skip = length > tail->capacity ? length - tail->capacity : 0;

	tail->total += skip;
	bytes += skip;
	length -= skip;
	while (length > 0) {
		size_t at = tail->total % tail->capacity;
		size_t piece = tail->capacity - at < length ? tail->capacity - at : length;

		memcpy(tail->ring + at, bytes, piece);
		tail->total += piece;
		bytes += piece;
		length -= piece;
	}
}

static void *drain(void *unused)
{
	static char bytes[READ_BYTES];
	struct epoll_event events[64];
	int open = tail_count;

	while (open > 0) {
		int ready = epoll_wait(epoll, events, 64, -1);

		for (int i = 0; i < ready; i++) {
			struct tail *tail = events[i].data.ptr;
			ssize_t got = read(tail->fd, bytes, sizeof(bytes));

			if (got > 0) {
				keep(tail, bytes, got);
			} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
				close(tail->fd);
				open--;
			}
		}
	}
	return unused;
}

void tails_close_readers(void)
{
	for (int i = 0; i < tail_count; i++)
		close(tails[i].fd);
	close(epoll);
}

int tails_start(void)
{
	return -pthread_create(&drainer, NULL, drain, NULL);
}

bool tails_finish(int priority, int timeout_ms)
{
	struct sched_param parameters = { .sched_priority = priority };
	struct timespec deadline;

	/* The run is over: now the candidate must not hold it up. Failing that, it only takes longer. */
	pthread_setschedparam(drainer, SCHED_FIFO, &parameters);
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += timeout_ms / 1000;
	return pthread_clockjoin_np(drainer, NULL, CLOCK_MONOTONIC, &deadline) == 0;
}

char *tail_text(const struct tail *tail, size_t *length)
{
	size_t kept = tail->total < tail->capacity ? tail->total : tail->capacity;
	size_t start = kept < tail->capacity ? 0 : kept ? tail->total % tail->capacity : 0;
	char *text = malloc(kept + 1);
	size_t cut = 0;

	if (!text)
		abort();
	memcpy(text, tail->ring + start, kept - start);
	memcpy(text + kept - start, tail->ring, start);
	/* A character cut in half by the limit is dropped, not shown as rubbish. */
	while (tail->total > kept && cut < 3 && cut < kept && (text[cut] & 0xc0) == 0x80)
		cut++;
	memmove(text, text + cut, kept - cut);
	*length = kept - cut;
	return text;
}
