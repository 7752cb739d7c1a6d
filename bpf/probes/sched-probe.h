/* SPDX-License-Identifier: Apache-2.0 */
/* What the probe's kernel side writes and native/probe.c reads. Include after the kernel's types. */
#ifndef SCHEDCP_SCHED_PROBE_H
#define SCHEDCP_SCHED_PROBE_H

#define PROBE_ENTRIES_MAX 64

/* Bucket i counts waits in [2^i, 2^(i+1)) µs; 0 also those below 1 µs, 31 also all above. */
#define PROBE_BUCKETS 32

/* A task of an entry had a CPU from start to end. */
struct probe_segment {
	__u64 start_ns;
	__u64 end_ns;
	__u32 cpu;
	__u32 entry;
	__u32 pid;
	__u32 pad;
};

#endif
