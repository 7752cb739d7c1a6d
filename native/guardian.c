// SPDX-License-Identifier: Apache-2.0
#include "guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node-process.h"

static pid_t guardian;

static _Noreturn void guard(int runner_alive, const char *kill_file, int priority)
{
	char nothing;

	/* Its own session: a signal to the runner's process group must not take it along. */
	setsid();
	dup2(runner_alive, STDIN_FILENO);
	close_range(STDOUT_FILENO, UINT_MAX, 0);
	/* Without it, it comes later under a bad candidate; better than not at all. */
	become_realtime(priority);
	/* The runner never writes: this returns when its end is closed by its death. */
	while (read(STDIN_FILENO, &nothing, 1) < 0 && errno == EINTR)
		;
	_exit(write_text(kill_file, "1") < 0);
}

int guardian_start(const char *kill_file, int priority)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	guardian = fork();
	if (guardian < 0)
		return -errno;
	if (guardian == 0) {
		close(ends[1]);
		guard(ends[0], kill_file, priority);
	}
	/* The other end stays open, unnamed, for as long as the runner lives. */
	close(ends[0]);
	return 0;
}

void guardian_stop(void)
{
	if (guardian <= 0)
		return;
	kill(guardian, SIGKILL);
	waitpid(guardian, NULL, 0);
	guardian = 0;
}
