// SPDX-License-Identifier: Apache-2.0
/*
 * Runs the tasks of a scenario (src/simulator/scenario) as real processes, so that the same scenario can
 * be held against a real kernel. Freestanding, a few KiB: it travels in a workload's set-up commands.
 *
 *	f-main SPEC…	one argument a task spec, `COMM STEP…`; f-main itself is spec 0
 *
 * Steps, each one word: rN runs N ns (of its own CPU time, so what the host steals does not count), sN
 * sleeps N ns, wC takes one unit from channel C, gC.N adds N units to it, pC adds one by a pipe (WF_SYNC),
 * qC takes one from that pipe, fS forks spec S, j joins, y yields, aM sets the affinity to mask M, nN sets
 * nice N, eNAME renames, kP sets the scheduling policy, x exits, (N … ) repeats. At the end it prints the
 * nanoseconds from its first step to the end of its last. Exit code 1 where a system call fails.
 */
#if !defined(__x86_64__)
#error "written for x86-64"
#endif

typedef long word;
typedef unsigned long uword;

#define CHANNELS 16
#define SPECS 24
#define DEPTH 4

enum {
	SYS_read = 0, SYS_write = 1, SYS_pipe2 = 293, SYS_fork = 57, SYS_exit = 60, SYS_wait4 = 61,
	SYS_prctl = 157, SYS_setpriority = 141, SYS_sched_setscheduler = 144, SYS_sched_yield = 24,
	SYS_sched_setaffinity = 203, SYS_clock_gettime = 228, SYS_clock_nanosleep = 230, SYS_eventfd2 = 290,
};

static word call(word number, word a, word b, word c, word d)
{
	register word r10 asm("r10") = d;
	word result;

	asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
		     : "rcx", "r11", "memory");
	return result;
}

static void leave(word code)
{
	for (;;)
		call(SYS_exit, code, 0, 0, 0);
}

static word must(word result)
{
	if (result < 0)
		leave(1);
	return result;
}

struct time { word seconds, ns; };

static word now(word clock)
{
	struct time time;

	must(call(SYS_clock_gettime, clock, (word)&time, 0, 0));
	return time.seconds * 1000000000 + time.ns;
}

static int channels[CHANNELS];
static int pipes[CHANNELS][2];
static char *const *specs;
static int spec_count;

static word number(char **text)
{
	word value = 0, sign = 1;

	if (**text == '-')
		sign = -1, ++*text;
	while (**text >= '0' && **text <= '9')
		value = value * 10 + *(*text)++ - '0';
	return sign * value;
}

/* Up to the end of the word. */
static void rename_self(const char *name)
{
	char comm[16] = {};

	for (int i = 0; i < 15 && name[i] && name[i] != ' '; i++)
		comm[i] = name[i];
	must(call(SYS_prctl, 15 /* PR_SET_NAME */, (word)comm, 0, 0));
}

static void use_cpu(word ns)
{
	word end = now(3 /* CLOCK_THREAD_CPUTIME_ID */) + ns;

	do {
		for (volatile int i = 0; i < 500; i++)
			;
	} while (now(3) < end);
}

static void sleep_for(word ns)
{
	struct time time = { ns / 1000000000, ns % 1000000000 };

	must(call(SYS_clock_nanosleep, 1 /* CLOCK_MONOTONIC */, 0, (word)&time, 0));
}

static void perform(int spec);

/* What one word says; the caller handles repetition. */
static void step(char *at)
{
	char kind = *at++;
	uword units = 1;
	int zero = 0;
	char byte = 0;
	word value;

	if (kind == 'e') {
		rename_self(at);
		return;
	}
	value = number(&at);
	switch (kind) {
	case 'r':
		use_cpu(value);
		return;
	case 's':
		sleep_for(value);
		return;
	case 'w':
		must(call(SYS_read, channels[value], (word)&units, 8, 0));
		return;
	case 'g':
		at++;
		units = number(&at);
		must(call(SYS_write, channels[value], (word)&units, 8, 0));
		return;
	case 'p':
		must(call(SYS_write, pipes[value][1], (word)&byte, 1, 0));
		return;
	case 'q':
		must(call(SYS_read, pipes[value][0], (word)&byte, 1, 0));
		return;
	case 'f':
		if (must(call(SYS_fork, 0, 0, 0, 0)) == 0) {
			perform(value);
			leave(0);
		}
		return;
	case 'j':
		while (call(SYS_wait4, -1, (word)&zero, 0, 0) > 0)
			if (zero)
				leave(1);
		return;
	case 'y':
		call(SYS_sched_yield, 0, 0, 0, 0);
		return;
	case 'a':
		must(call(SYS_sched_setaffinity, 0, sizeof(value), (word)&value, 0));
		return;
	case 'n':
		must(call(SYS_setpriority, 0, 0, value, 0));
		return;
	case 'k':
		must(call(SYS_sched_setscheduler, 0, value, (word)&zero, 0));
		return;
	case 'x':
		leave(0);
	}
	leave(2);
}

static char *next_word(char *at)
{
	while (*at && *at != ' ')
		at++;
	while (*at == ' ')
		at++;
	return at;
}

static void perform(int spec)
{
	struct { char *start; word left; } loops[DEPTH];
	int depth = 0;
	char *at;

	if (spec < 0 || spec >= spec_count)
		leave(2);
	at = specs[spec];
	rename_self(at);
	for (at = next_word(at); *at;) {
		char *from = at + 1;

		if (*at == '(') {
			if (depth == DEPTH)
				leave(2);
			loops[depth].left = number(&from);
			loops[depth++].start = at = next_word(at);
		} else if (*at == ')') {
			if (depth == 0)
				leave(2);
			if (--loops[depth - 1].left > 0)
				at = loops[depth - 1].start;
			else
				depth--, at = next_word(at);
		} else {
			step(at);
			at = next_word(at);
		}
	}
}

static void print_number(word value)
{
	char text[24];
	int at = sizeof(text);

	text[--at] = '\n';
	do {
		text[--at] = '0' + value % 10;
		value /= 10;
	} while (value && at > 0);
	must(call(SYS_write, 1, (word)&text[at], sizeof(text) - at, 0));
}

__attribute__((used)) static void run(word *stack)
{
	word start;

	spec_count = (int)stack[0] - 1;
	specs = (char *const *)&stack[2];
	if (spec_count < 1 || spec_count > SPECS)
		leave(2);
	for (int i = 0; i < CHANNELS; i++) {
		channels[i] = must(call(SYS_eventfd2, 0, 1 /* EFD_SEMAPHORE */, 0, 0));
		must(call(SYS_pipe2, (word)pipes[i], 0, 0, 0));
	}
	start = now(1);
	perform(0);
	print_number(now(1) - start);
	leave(0);
}

asm(".globl _start\n_start: mov %rsp, %rdi\n\tand $-16, %rsp\n\tcall run\n");
