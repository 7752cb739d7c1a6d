/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Times and virtual times that may wrap around: compare them only with these.
 * Included through scx/common.bpf.h.
 */
#ifndef __SCX_TIME_BPF_H
#define __SCX_TIME_BPF_H

#define NSEC_PER_USEC 1000ULL
#define USEC_PER_MSEC 1000ULL
#define MSEC_PER_SEC 1000ULL
#define NSEC_PER_MSEC 1000000ULL
#define USEC_PER_SEC 1000000ULL
#define NSEC_PER_SEC 1000000000ULL

/* How much later `after` is than `before`; 0 where it is not later. */
static __always_inline s64 time_delta(u64 after, u64 before)
{
	s64 delta = (s64)(after - before);

	return delta > 0 ? delta : 0;
}

static __always_inline bool time_after(u64 a, u64 b)
{
	return (s64)(b - a) < 0;
}

static __always_inline bool time_before(u64 a, u64 b)
{
	return time_after(b, a);
}

static __always_inline bool time_after_eq(u64 a, u64 b)
{
	return (s64)(a - b) >= 0;
}

static __always_inline bool time_before_eq(u64 a, u64 b)
{
	return time_after_eq(b, a);
}

/* first ≤ a ≤ last */
static __always_inline bool time_in_range(u64 a, u64 first, u64 last)
{
	return time_after_eq(a, first) && time_before_eq(a, last);
}

/* first ≤ a < end */
static __always_inline bool time_in_range_open(u64 a, u64 first, u64 end)
{
	return time_after_eq(a, first) && time_before(a, end);
}

#endif /* __SCX_TIME_BPF_H */
