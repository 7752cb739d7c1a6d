/* SPDX-License-Identifier: Apache-2.0 */
/* Knobs: `const volatile` globals of a policy, set in .rodata before it is loaded. */
#ifndef SCHEDCP_KNOB_H
#define SCHEDCP_KNOB_H

#include <bpf/libbpf.h>
#include <stddef.h>

#define KNOBS_MAX 64
#define KNOB_NAME_BYTES 64

struct knob {
	char name[KNOB_NAME_BYTES];
	char kind; /* i, b or s, as in the header */
	char *text; /* decimal digits, 0/1, or the string itself */
	size_t length;
};

/* Sets it or ends the program with an error of stage `knob` that lists the knobs that exist. */
void set_knob(struct bpf_object *object, const struct knob *knob);

#endif
