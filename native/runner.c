// SPDX-License-Identifier: Apache-2.0
/*
 * schedcp-runner: one run of a workload. Forks all tasks to a barrier, releases them at once,
 * measures until the last that counts has ended, and leaves no process behind. Started by the node
 * daemon; see README.md for what it reads and answers. It never judges: a run that failed is a
 * result like any other.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "answer.h"
#include "counters.h"
#include "guardian.h"
#include "header.h"
#include "node-process.h"
#include "run-request.h"
#include "tail.h"
#include "task.h"

#define PRIORITY 50
#define BARRIER_WAIT_MS 60000
#define BARRIER_POLL_MS 5
#define KILL_WAIT_MS 10000

enum outcome { RUNNING, DONE, FAILED, TIMED_OUT, STOPPED };

static struct run_request request;
static struct task tasks[TASKS_MAX];
static int unfinished, child_signals;
static bool forking;
static const struct task *failure;
static char *kill_file, *events_file;

/* Reaps what is not a task of ours any more: orphans of tasks, and tasks that were killed. */
static bool reap_all(void)
{
	pid_t pid;

	do {
		pid = waitpid(-1, NULL, WNOHANG);
	} while (pid > 0);
	return pid < 0 && errno == ECHILD;
}

/*
 * Kills everything in the cgroup and waits until it is empty. The guardian goes last, and before the
 * daemon hears of the end: only an empty cgroup may be left unguarded.
 */
static int kill_everything(void)
{
	int64_t deadline = now_us() + KILL_WAIT_MS * INT64_C(1000);
	char text[256];
	int error = write_text(kill_file, "1");

	if (error)
		return error;
	for (;;) {
		reap_all();
		if (read_text(events_file, text, sizeof(text)) < 0)
			return -EPROTO;
		if (strstr(text, "populated 0"))
			break;
		if (now_us() > deadline)
			return -ETIMEDOUT;
		sleep_ms(1);
	}
	guardian_stop();
	/* Left: zombies that are still on their way to us. */
	while (!reap_all()) {
		if (now_us() > deadline)
			return -ETIMEDOUT;
		sleep_ms(1);
	}
	return 0;
}

/* After a fault of ours: nothing may be left, but there is nothing more to say if that fails too. */
static _Noreturn void run_fault(const char *stage, int error, const char *message)
{
	/* With no task yet the cgroup may be another's: the guardian must not kill it. */
	if (!forking)
		guardian_stop();
	else if (strcmp(stage, "kill") != 0)
		kill_everything();
	answer_error(stage, error, message);
	exit(1);
}

static _Noreturn void stop(void)
{
	int error = kill_everything();

	if (error)
		run_fault("kill", -error, "the cgroup could not be emptied");
	answer_begin("stopped");
	answer_end();
	exit(1);
}

static void prepare(void)
{
	sigset_t child;
	size_t bytes = 0;
	int error;

	if (asprintf(&kill_file, "%s/cgroup.kill", request.kill_cgroup) < 0 ||
	    asprintf(&events_file, "%s/cgroup.events", request.kill_cgroup) < 0)
		run_fault("prepare", ENOMEM, "no memory");
	if (access(kill_file, W_OK) < 0)
		run_fault("prepare", errno, "kill-cgroup has no cgroup.kill that can be written");
	/* Fails where we lead a session already, which serves as well. */
	setsid();
	/* Orphans of tasks come to us, not to a pid 1 that may not care. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		run_fault("prepare", errno, "no subreaper");
	error = become_realtime(PRIORITY);
	if (error)
		run_fault("prepare", -error, "no real-time priority or locked memory");
	error = guardian_start(kill_file, PRIORITY);
	if (error)
		run_fault("prepare", -error, "no guardian");
	for (int i = 0; i < request.task_count; i++)
		bytes += request.error_tail_bytes +
			 (request.tasks[i].capture ? request.output_tail_bytes : 0);
	error = tasks_init(&request);
	if (!error)
		error = tails_init(2 * request.task_count, bytes);
	if (error)
		run_fault("prepare", -error, "no memory or files");
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	child_signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (child_signals < 0)
		run_fault("prepare", errno, "no signalfd");
}

static _Noreturn void lost_fault(const struct task *task)
{
	char message[512];
	int error;
	const char *step = task_lost_step(task, &error);

	snprintf(message, sizeof(message), "a task failed at %s (%.256s)", step,
		 task->request->cgroup);
	run_fault("fork", error, message);
}

/* A moment's pause before the barrier, in which the order to stop and the time limit are seen. */
static void pause_before_barrier(int64_t deadline)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	if (now_us() > deadline)
		run_fault("fork", ETIMEDOUT, "the tasks did not reach the barrier in time");
	if (poll(&input, 1, BARRIER_POLL_MS) > 0 && input_ended())
		stop();
}

static bool same_cgroup(int left, int right)
{
	return !strcmp(request.tasks[left].cgroup, request.tasks[right].cgroup);
}

/* Forks the tasks that have the cgroup of the first. */
static void fork_group(int first, int64_t deadline)
{
	pid_t forker;

	for (int i = first; i < request.task_count; i++) {
		int error = same_cgroup(first, i) ?
				    task_prepare(&request, &request.tasks[i], &tasks[i]) :
				    0;

		if (error)
			run_fault("fork", -error, "no pipe for a task's output");
	}
	forker = tasks_fork(&request, tasks, first);
	if (forker < 0)
		run_fault("fork", -forker, "no process");
	while (waitpid(forker, NULL, WNOHANG) == 0)
		pause_before_barrier(deadline);
	for (int i = first; i < request.task_count; i++)
		if (same_cgroup(first, i) && !task_forked(&tasks[i]))
			lost_fault(&tasks[i]);
}

static void fork_tasks(int64_t deadline)
{
	forking = true;
	for (int i = 0; i < request.task_count; i++) {
		unfinished += !request.tasks[i].background;
		if (tasks[i].pid == 0)
			fork_group(i, deadline);
	}
}

static void wait_at_barrier(int64_t deadline)
{
	int error;

	for (int i = 0; i < request.task_count;) {
		enum task_state state = task_state(&tasks[i]);

		if (state == TASK_LOST)
			lost_fault(&tasks[i]);
		if (state == TASK_COMING) {
			pause_before_barrier(deadline);
			continue;
		}
		error = read_schedstat_of(tasks[i].pid, &tasks[i].schedstat_before);
		if (error)
			run_fault("fork", -error, "no /proc/PID/schedstat");
		i++;
	}
}

static struct task *task_of(pid_t pid)
{
	for (int i = 0; i < request.task_count; i++)
		if (tasks[i].pid == pid && !tasks[i].ended)
			return &tasks[i];
	return NULL;
}

/* Takes the last figures of a task from its zombie, which is gone once it is reaped. */
static void end_task(struct task *task)
{
	task->end_us = now_us();
	if (read_schedstat_of(task->pid, &task->schedstat) < 0)
		task->schedstat = task->schedstat_before;
	wait4(task->pid, &task->status, 0, &task->usage);
	task->ended = true;
	if (task->request->background)
		return;
	unfinished--;
	if (task->status != 0 && !failure)
		failure = task;
}

/* All children that have ended by now. */
static void collect_children(void)
{
	struct signalfd_siginfo scrap[16];

	/* Signals merge: their number says nothing, so only the wake-up counts. */
	while (read(child_signals, scrap, sizeof(scrap)) > 0)
		;
	for (;;) {
		siginfo_t info = { .si_pid = 0 };
		struct task *task;

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
			return;
		task = task_of(info.si_pid);
		if (task)
			end_task(task);
		else
			waitpid(info.si_pid, NULL, 0);
		if (failure)
			return;
	}
}

static enum outcome wait_for_end(int64_t release_us)
{
	int64_t limit_us = release_us + request.time_limit_ms * 1000;
	int64_t stop_us = release_us + request.stop_after_ms * 1000;
	bool warm_up = request.stop_after_ms > 0 && stop_us < limit_us;
	int64_t deadline = warm_up ? stop_us : limit_us;
	struct pollfd files[] = {
		{ .fd = child_signals, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};

	for (;;) {
		int64_t left_us = deadline - now_us();
		struct timespec timeout = { left_us / 1000000, left_us % 1000000 * 1000 };

		if (left_us <= 0)
			return warm_up ? DONE : TIMED_OUT;
		if (ppoll(files, 2, &timeout, NULL) < 0 && errno != EINTR)
			run_fault("release", errno, "poll failed");
		if (files[0].revents)
			collect_children();
		if (failure)
			return FAILED;
		if (unfinished == 0)
			return DONE;
		if (files[1].revents && input_ended())
			return STOPPED;
	}
}

static int64_t timeval_us(struct timeval later, struct timeval earlier)
{
	return (int64_t)(later.tv_sec - earlier.tv_sec) * 1000000 + later.tv_usec - earlier.tv_usec;
}

static void answer_tail(const char *key, const struct tail *tail)
{
	size_t length;
	char *text = tail_text(tail, &length);

	answer_bytes(key, text, length);
	free(text);
}

static void answer_task(const struct task *task, int64_t release_us)
{
	const struct rusage *before = task_usage_before(task), *after = &task->usage;
	int64_t start_us = task_start_us(task);

	answer_begin("task");
	answer_integer("entry", task->request->entry);
	answer_integer("index", task->request->index);
	/* Killed before it ever ran: it started when it ended. */
	answer_ms("startMs", (start_us ? start_us : task->end_us) - release_us);
	answer_ms("endMs", task->end_us - release_us);
	answer_ms("userMs", timeval_us(after->ru_utime, before->ru_utime));
	answer_ms("systemMs", timeval_us(after->ru_stime, before->ru_stime));
	answer_ms("waitMs", (task->schedstat.wait_ns - task->schedstat_before.wait_ns) / 1000);
	answer_integer("runs", task->schedstat.runs - task->schedstat_before.runs);
	answer_integer("voluntarySwitches", after->ru_nvcsw - before->ru_nvcsw);
	answer_integer("involuntarySwitches", after->ru_nivcsw - before->ru_nivcsw);
	answer_integer("maxRssKib", after->ru_maxrss);
	if (task->output)
		answer_tail("output", task->output);
	answer_end();
}

static void answer_failure(const struct task *task)
{
	char text[32];

	answer_open("failure", '{');
	answer_integer("entry", task->request->entry);
	answer_integer("index", task->request->index);
	if (WIFEXITED(task->status)) {
		answer_integer("exitCode", WEXITSTATUS(task->status));
		answer_null("signal");
	} else {
		const char *name = sigabbrev_np(WTERMSIG(task->status));

		/* Real-time signals have no names. */
		if (name)
			snprintf(text, sizeof(text), "SIG%s", name);
		else
			snprintf(text, sizeof(text), "SIG%d", WTERMSIG(task->status));
		answer_null("exitCode");
		answer_string("signal", text);
	}
	answer_tail("stderrTail", task->error);
	answer_close('}');
}

static void answer_done(enum outcome outcome, int64_t makespan_us, const struct counters *before,
			const struct counters *after)
{
	answer_begin("done");
	answer_string("outcome", outcome == DONE ? "done" : outcome == FAILED ? "failed" : "timed-out");
	answer_ms("makespanMs", makespan_us);
	answer_open("counters", '{');
	answer_integer("contextSwitches", after->context_switches - before->context_switches);
	answer_ms("runDelayMs", (after->run_delay_ns - before->run_delay_ns) / 1000);
	answer_integer("timeslices", after->timeslices - before->timeslices);
	answer_ms("idleMs", after->idle_us - before->idle_us);
	answer_close('}');
	if (failure)
		answer_failure(failure);
	else
		answer_null("failure");
	answer_end();
}

/* The end of a run: of the last task that counts, of the one that failed, or now. */
static int64_t end_of_run(enum outcome outcome)
{
	int64_t end_us = 0;

	if (outcome == FAILED)
		return failure->end_us;
	if (outcome == TIMED_OUT || unfinished > 0)
		return now_us();
	for (int i = 0; i < request.task_count; i++)
		if (!tasks[i].request->background && tasks[i].end_us > end_us)
			end_us = tasks[i].end_us;
	return end_us;
}

int main(void)
{
	struct counters before, after;
	int64_t barrier_deadline, release_us, end_us;
	enum outcome outcome;
	int error;

	die_with_parent();
	read_run_request(&request);
	prepare();
	barrier_deadline = now_us() + BARRIER_WAIT_MS * INT64_C(1000);
	fork_tasks(barrier_deadline);
	error = tails_start();
	if (error)
		run_fault("release", -error, "no thread to drain output");
	wait_at_barrier(barrier_deadline);
	error = read_counters(&before);
	if (error)
		run_fault("release", -error, "no counters in /proc/stat and /proc/schedstat");

	release_us = now_us();
	for (int i = 0; i < request.task_count; i++)
		task_release(&tasks[i]);
	answer_begin("released");
	answer_integer("atUs", release_us);
	answer_end();
	outcome = wait_for_end(release_us);
	if (outcome == STOPPED)
		stop();
	end_us = end_of_run(outcome);
	error = read_counters(&after);
	if (error)
		run_fault("release", -error, "no counters in /proc/stat and /proc/schedstat");

	error = kill_everything();
	if (error)
		run_fault("kill", -error, "the cgroup could not be emptied");
	if (!tails_finish(PRIORITY, KILL_WAIT_MS))
		run_fault("kill", ETIMEDOUT, "something outside the cgroup holds a task's output open");
	for (int i = 0; i < request.task_count; i++)
		if (tasks[i].ended && !tasks[i].request->background)
			answer_task(&tasks[i], release_us);
	answer_done(outcome, end_us - release_us, &before, &after);
	return 0;
}
