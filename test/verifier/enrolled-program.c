// SPDX-License-Identifier: Apache-2.0
/*
 * A scheduler's own program in small: brings its BPF objects, loads one, stays until it is ended, and
 * loads it again when the kernel has let go of it. What else it does goes by the name it is called by.
 * GOOD, BAD: paths of the objects that are built in. Built by enrolled-program.ts.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

extern const char good_begin[], good_end[], bad_begin[], bad_end[];
__asm__(".section .rodata\n"
	".balign 16\n"
	"good_begin: .incbin \"" GOOD "\"\n"
	"good_end:\n"
	".balign 16\n"
	"bad_begin: .incbin \"" BAD "\"\n"
	"bad_end:\n"
	".previous\n");

static struct bpf_object *object;
static struct bpf_link *owned;

static void load(const char *begin, const char *end)
{
	struct bpf_map *map;

	object = bpf_object__open_mem(begin, end - begin, NULL);
	if (!object || bpf_object__load(object)) {
		fprintf(stderr, "the kernel does not take the object\n");
		exit(4);
	}
	bpf_object__for_each_map(map, object) {
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			owned = bpf_map__attach_struct_ops(map);
	}
	if (!owned) {
		fprintf(stderr, "the kernel does not enable the scheduler\n");
		exit(5);
	}
}

static bool is_disabled(void)
{
	char state[32] = "";
	int file = open("/sys/kernel/sched_ext/state", O_RDONLY);

	if (file >= 0) {
		if (read(file, state, sizeof(state) - 1) < 0)
			state[0] = '\0';
		close(file);
	}
	return !strcmp(state, "disabled\n");
}

/* Prints as production schedulers do: without end, and without caring who reads. */
static void stay(const char *begin, const char *end)
{
	for (;;) {
		load(begin, end);
		while (!is_disabled()) {
			printf("statistics: one line of many\n");
			fflush(stdout);
			usleep(50000);
		}
		bpf_link__destroy(owned);
		bpf_object__close(object);
		owned = NULL;
	}
}

/* For as long as any process of it lives. */
static void beat(void)
{
	for (;;) {
		int file = open("/tmp/heartbeat", O_WRONLY | O_CREAT | O_TRUNC, 0644);

		if (file >= 0)
			close(file);
		usleep(20000);
	}
}

int main(int count, char **words)
{
	const char *name = strrchr(words[0], '/') ? strrchr(words[0], '/') + 1 : words[0];

	if (count > 1 && !strcmp(words[1], "--version")) {
		printf(strcmp(name, "nameless") ? "scx_trial 1.2.3 x86_64\n" : "a scheduler\n");
		return 0;
	}
	if (!strcmp(name, "stalls"))
		stay(bad_begin, bad_end);
	if (!strcmp(name, "exits")) {
		fprintf(stderr, "no kernel of mine\n");
		return 3;
	}
	if (!strcmp(name, "hangs"))
		pause();
	if (!strcmp(name, "forks")) {
		if (fork() > 0)
			return 0;
		setsid();
		load(good_begin, good_end);
		beat();
	}
	if (!strcmp(name, "dies")) {
		load(good_begin, good_end);
		usleep(700000);
		fprintf(stderr, "thread main panicked\n");
		return 101;
	}
	if (!strcmp(name, "pins")) {
		load(good_begin, good_end);
		if (bpf_link__pin(owned, "/sys/fs/bpf/outlives"))
			return 6;
		pause();
	}
	stay(good_begin, good_end);
}
