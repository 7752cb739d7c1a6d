/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Choosing tasks by name.
 */
#ifndef __SCHEDCP_COMM_BPF_H
#define __SCHEDCP_COMM_BPF_H

#include <scx/common.bpf.h>

/* Size of a knob that holds a list of prefixes: `const volatile char names[SCHEDCP_COMM_LIST_LEN]`. */
#define SCHEDCP_COMM_LIST_LEN 64

/*
 * Whether the task's name (comm, at most 15 bytes) begins with one of the comma-separated prefixes.
 * An empty list names nobody, and costs one load.
 */
static __always_inline bool schedcp_comm_listed(const struct task_struct *p, const volatile char *list)
{
	char comm[16] = {};
	u32 matched = 0;
	bool same = true;
	int i;

	if (!list[0])
		return false;
	bpf_probe_read_kernel_str(comm, sizeof(comm), p->comm);
	bpf_for(i, 0, SCHEDCP_COMM_LIST_LEN) {
		char wanted = list[i];

		if (wanted == '\0' || wanted == ',') {
			if (same && matched)
				return true;
			if (wanted == '\0')
				return false;
			matched = 0;
			same = true;
		} else if (same && matched < 15 && comm[matched & 15] == wanted) {
			matched++;
		} else {
			same = false;
		}
	}
	return same && matched;
}

#endif /* __SCHEDCP_COMM_BPF_H */
