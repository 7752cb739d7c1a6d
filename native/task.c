// SPDX-License-Identifier: Apache-2.0
#include "task.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node-process.h"

/* Two pipes a task, and a few. */
#define FILES_MAX (4 * TASKS_MAX + 64)

/*
 * What a task and the runner share until the exec. One futex each, so that tasks are woken in order
 * and without a file descriptor a task. A cache line apart: tasks start on all CPUs at once.
 */
struct gate {
	_Alignas(64) atomic_uint go;
	atomic_bool ready;
	int64_t start_us;
	struct rusage usage_before;
	pid_t pid;
	const char *lost_step; /* a literal: the same address in both processes */
	int lost_error;
};

static struct gate *gates;
static int gate_count;
static struct rlimit files_before;
static char *environment[5];

int tasks_init(const struct run_request *request)
{
	struct rlimit files = { FILES_MAX, FILES_MAX };

	gates = mmap(NULL, request->task_count * sizeof(*gates), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (gates == MAP_FAILED)
		return -errno;
	environment[0] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	environment[1] = "LANG=C.UTF-8";
	if (asprintf(&environment[2], "HOME=%s", request->dir) < 0 ||
	    asprintf(&environment[3], "TMPDIR=%s", request->dir) < 0)
		return -ENOMEM;
	if (getrlimit(RLIMIT_NOFILE, &files_before) < 0)
		return -errno;
	if (files_before.rlim_cur < FILES_MAX) {
		if (files_before.rlim_max > FILES_MAX)
			files.rlim_max = files_before.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &files) < 0)
			return -errno;
	}
	return 0;
}

static _Noreturn void lose(struct gate *gate, const char *step)
{
	gate->lost_step = step;
	gate->lost_error = errno;
	_exit(126);
}

static void reset_signals(void)
{
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		sigaction(number, &usual, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The three standard files, and no other. */
static void set_files(struct gate *gate, int output, int error)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
	    dup2(output < 0 ? nothing : output, STDOUT_FILENO) < 0 || dup2(error, STDERR_FILENO) < 0)
		lose(gate, "opening the standard files");
	if (close_range(STDERR_FILENO + 1, UINT_MAX, 0) < 0)
		lose(gate, "closing the other files");
}

/* The last step down: an ordinary user that no setuid program can lift again. */
static void become_user(struct gate *gate, const struct run_request *request)
{
	if (setgroups(0, NULL) < 0 || setresgid(request->gid, request->gid, request->gid) < 0 ||
	    setresuid(request->uid, request->uid, request->uid) < 0)
		lose(gate, "becoming the user");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		lose(gate, "giving up new privileges");
	if (chdir(request->dir) < 0)
		lose(gate, "entering the working directory");
}

static _Noreturn void run_task(struct gate *gate, const struct run_request *request,
			       const struct task_request *task, int output, int error)
{
	struct rlimit no_core = { 0, 0 };
	char *arguments[] = { "sh", "-c", task->command, NULL };

	reset_signals();
	setpgid(0, 0);
	/* The daemon may be exempt from the OOM killer; what it runs must not be. */
	if (write_text("/proc/self/oom_score_adj", "0") < 0)
		lose(gate, "setting oom_score_adj");
	set_files(gate, output, error);
	umask(022);
	if (setrlimit(RLIMIT_CORE, &no_core) < 0 || setrlimit(RLIMIT_NOFILE, &files_before) < 0)
		lose(gate, "setting limits");
	become_user(gate, request);

	getrusage(RUSAGE_SELF, &gate->usage_before);
	atomic_store(&gate->ready, true);
	while (!atomic_load(&gate->go))
		syscall(SYS_futex, &gate->go, FUTEX_WAIT, 0, NULL, NULL, 0);
	gate->start_us = now_us();
	execve("/bin/sh", arguments, environment);
	_exit(127);
}

int task_prepare(const struct run_request *request, const struct task_request *task_request,
		 struct task *task)
{
	task->request = task_request;
	task->gate = &gates[gate_count++];
	task->output_file = -1;
	if (task_request->capture) {
		task->output_file = tail_open(request->output_tail_bytes, &task->output);
		if (task->output_file < 0)
			return task->output_file;
	}
	task->error_file = tail_open(request->error_tail_bytes, &task->error);
	return task->error_file < 0 ? task->error_file : 0;
}

/*
 * fork() of a child that is our parent's. CLONE_INTO_CGROUP would spare the forker, but on kernels up
 * to 7.2 at least it compares the kill counter of the wrong cgroup: once cgroup.kill was used on a
 * cgroup, whatever is cloned into it dies at birth. A process in the cgroup forks as it should.
 */
static pid_t fork_sibling(void)
{
	struct clone_args arguments = { .flags = CLONE_PARENT };

	return syscall(SYS_clone3, &arguments, sizeof(arguments));
}

static void close_writers(const struct task *task)
{
	close(task->error_file);
	if (task->output_file >= 0)
		close(task->output_file);
}

static _Noreturn void run_forker(const struct run_request *request, struct task *tasks, int first)
{
	const char *cgroup = request->tasks[first].cgroup;
	struct gate *gate = tasks[first].gate;
	char *procs;
	int error;

	if (asprintf(&procs, "%s/cgroup.procs", cgroup) < 0)
		lose(gate, "entering its cgroup");
	error = write_text(procs, "0");
	if (error) {
		errno = -error;
		lose(gate, "entering its cgroup");
	}
	/* Each task would else copy and close thousands of files that are not its own. */
	tails_close_readers();
	for (int i = first; i < request->task_count; i++) {
		struct task *task = &tasks[i];
		pid_t pid;

		if (strcmp(request->tasks[i].cgroup, cgroup) != 0)
			continue;
		pid = fork_sibling();
		if (pid == 0)
			run_task(task->gate, request, task->request, task->output_file,
				 task->error_file);
		if (pid < 0)
			lose(task->gate, "forking");
		task->gate->pid = pid;
		close_writers(task);
	}
	_exit(0);
}

pid_t tasks_fork(const struct run_request *request, struct task *tasks, int first)
{
	pid_t pid = fork();

	if (pid == 0)
		run_forker(request, tasks, first);
	return pid < 0 ? -errno : pid;
}

bool task_forked(struct task *task)
{
	task->pid = task->gate->pid;
	close_writers(task);
	return task->pid > 0;
}

/* The state letter of /proc/PID/stat, which follows the name in parentheses. */
static char state_letter(pid_t pid)
{
	char path[64], text[512], *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_text(path, text, sizeof(text)) < 0)
		return '?';
	end = strrchr(text, ')');
	return end && end[1] == ' ' ? end[2] : '?';
}

enum task_state task_state(const struct task *task)
{
	char letter = state_letter(task->pid);

	if (letter == 'Z' || letter == 'X' || letter == '?')
		return TASK_LOST;
	/* Ready comes before the sleep; only both mean that a wake-up finds it waiting. */
	return atomic_load(&task->gate->ready) && letter == 'S' ? TASK_AT_BARRIER : TASK_COMING;
}

const char *task_lost_step(const struct task *task, int *error)
{
	*error = task->gate->lost_step ? task->gate->lost_error : ECHILD;
	return task->gate->lost_step ? task->gate->lost_step : "starting";
}

void task_release(struct task *task)
{
	atomic_store(&task->gate->go, 1);
	syscall(SYS_futex, &task->gate->go, FUTEX_WAKE, 1, NULL, NULL, 0);
}

int64_t task_start_us(const struct task *task)
{
	return task->gate->start_us;
}

const struct rusage *task_usage_before(const struct task *task)
{
	return &task->gate->usage_before;
}

int read_schedstat_of(pid_t pid, struct schedstat *schedstat)
{
	char path[64], text[128];
	long length;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	length = read_text(path, text, sizeof(text));
	if (length < 0)
		return length;
	if (sscanf(text, "%*u %" SCNu64 " %" SCNu64, &schedstat->wait_ns, &schedstat->runs) != 2)
		return -EPROTO;
	return 0;
}
