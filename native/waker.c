// SPDX-License-Identifier: Apache-2.0
/*
 * schedcp-waker: gives a restored guest its own time, randomness and name. The node daemon starts it
 * before the snapshot is taken, so that waking forks nothing: under emulation the first process after
 * a restore costs a second. It waits for one header, does it, answers and ends. See README.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"
#include "header.h"
#include "node-process.h"

#define ENTROPY_BYTES_MAX 512
#define HOST_NAME_BYTES_MAX 64

struct wake_request {
	uint64_t clock_ms;
	char *entropy;
	size_t entropy_bytes;
	char host_name[HOST_NAME_BYTES_MAX + 1];
};

static void read_request(struct wake_request *request)
{
	bool clock = false, entropy = false, name = false;
	char *key, *value;

	while (header_next(&key, &value)) {
		if (!strcmp(key, "clock-ms")) {
			header_once(key, &clock);
			request->clock_ms = header_number(key, value, 1, UINT64_C(1) << 53);
		} else if (!strcmp(key, "entropy")) {
			header_once(key, &entropy);
			request->entropy = header_hex(key, value, ENTROPY_BYTES_MAX, &request->entropy_bytes);
		} else if (!strcmp(key, "host-name")) {
			header_once(key, &name);
			if (strlen(value) > HOST_NAME_BYTES_MAX)
				header_fault("host-name is longer than %d bytes", HOST_NAME_BYTES_MAX);
			strcpy(request->host_name, value);
		} else {
			header_fault("unknown key %s", key);
		}
	}
	header_require("clock-ms", clock);
	header_require("entropy", entropy);
	header_require("host-name", name);
}

static int set_clock(uint64_t clock_ms)
{
	struct timespec now = {
		.tv_sec = clock_ms / 1000,
		.tv_nsec = clock_ms % 1000 * 1000000,
	};

	return clock_settime(CLOCK_REALTIME, &now) ? -errno : 0;
}

/*
 * Credited, unlike what is written to /dev/urandom, and the kernel's generator is reseeded from it at
 * once: until then two guests of one snapshot draw the same numbers (drivers/char/random.c).
 */
static int reseed(const char *entropy, size_t bytes)
{
	struct rand_pool_info *pool = calloc(1, sizeof(*pool) + ENTROPY_BYTES_MAX);
	int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
	int error = 0;

	if (!pool || fd < 0)
		return -errno;
	pool->entropy_count = bytes * 8;
	pool->buf_size = bytes;
	memcpy(pool->buf, entropy, bytes);
	if (ioctl(fd, RNDADDENTROPY, pool) || ioctl(fd, RNDRESEEDCRNG))
		error = -errno;
	close(fd);
	free(pool);
	return error;
}

static void must(const char *stage, int error)
{
	if (!error)
		return;
	answer_error(stage, -error, "could not be set");
	exit(1);
}

int main(void)
{
	struct wake_request request = {};

	die_with_parent();
	become_realtime(50);
	answer_begin("waiting");
	answer_end();
	read_request(&request);
	must("clock", set_clock(request.clock_ms));
	must("entropy", reseed(request.entropy, request.entropy_bytes));
	must("host-name", sethostname(request.host_name, strlen(request.host_name)) ? -errno : 0);
	answer_begin("awake");
	answer_end();
	return 0;
}
